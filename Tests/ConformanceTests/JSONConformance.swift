// The json suite (nst/JSONTestSuite): y_ must be read, n_ refused, i_ may be either; what test_transform has may be read or
// refused, and what is read must come back the same.
import AWSCore
import TestSupport
import Testing

@Test func jsonConformance() {
  conformance("json") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      let id = String(path.dropFirst(report.folder.count + 1))
      let name = id.split(separator: "/").last ?? ""
      let bytes = Conformance.bytes(path) ?? []
      do throws(JSONError) {
        let value = try JSON.decode(bytes)
        report.check(id) {
          if name.hasPrefix("n_") { return "accepted" }
          return try JSON.decode(JSON.encode(value)) == value ? nil : "does not come back the same"
        }
      } catch {
        if error.problem.hasPrefix("duplicate member") {
          report.skip(
            id, because: "a member that occurs twice is refused, for two readers could take different ones")
        } else {
          report.check(id) { name.hasPrefix("y_") ? "\(error)" : nil }
        }
      }
    }
  }
}
