// JSON, checked only: whether bytes are one document, at the scanner's speed, without building a Value. The
// client refuses a bad answer with it; what reads the answer afterwards may then trust its grammar.
import CJSON

extension JSON {
  /// Why the bytes are not exactly one JSON object; nil when they are. Duplicate names are left to the
  /// reader, which has the table to find them with.
  public static func problemAsObject(_ bytes: [UInt8]) -> JSONError? {
    unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return JSONError(problem: "unfinished document", offset: 0) }
      var scanner = unsafe cjson_begin(base.assumingMemoryBound(to: CChar.self), raw.count)
      var kind = unsafe cjson_next(&scanner)
      guard kind == CJSON_OBJECT_BEGIN || kind == CJSON_ERROR else {
        return JSONError(problem: "not an object", offset: 0)
      }
      kind = unsafe cjson_finish(&scanner)
      guard kind == CJSON_ERROR else { return nil }
      let problem = unsafe scanner.problem.map { unsafe String(cString: $0) } ?? "not JSON"
      return unsafe JSONError(problem: problem, offset: scanner.cursor - scanner.start)
    }
  }
}
