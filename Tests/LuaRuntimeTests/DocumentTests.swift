// Documents: rows of an answer become the same records whatever the builder takes for granted of them.
import LuaRuntime
import Testing

@Suite struct DocumentTests {
  /// What builds rows with these members, and a place for their times.
  private struct Builder {
    let vm: LuaVM
    let page: Int32

    init() throws {
      vm = try #require(LuaVM(profile: .own, memoryLimit: 0))
      let time = try #require(vm.shape(.timestamp, name: "Time"))
      let row = try #require(vm.shape(.record, name: "Row"))
      for name in ["Name", "Host", "HypervisorId", "Path"] {
        try #require(vm.addMember(name, shape: -1, to: row))
      }
      try #require(vm.addMember("Seen", shape: time, to: row))
      let rows = try #require(vm.shape(.list, name: "Rows", item: row))
      page = try #require(vm.shape(.record, name: "Page"))
      try #require(vm.addMember("Rows", shape: rows, to: page))
    }

    func rows(_ text: String, isChecked: Bool) throws -> [LuaTable] {
      try #require(vm.main.pushJSON(Array(text.utf8), shape: page, isChecked: isChecked) == nil)
      defer { vm.main.pop() }
      guard case .table(let whole) = try vm.main.value(at: vm.main.top),
        case .table(let list)? = whole["Rows"]
      else { return [] }
      return list.items.compactMap { if case .table(let row) = $0 { row } else { nil } }
    }
  }

  /// The members of a row, in JSON and as they are to come out; `hosts` is how many there are.
  private static func members(_ i: Int, hosts: Int) -> [(name: String, json: String, text: String)] {
    let host = "host-\(i % hosts).example.com"
    return [
      ("Name", #""v\#(i)""#, "v\(i)"),
      ("Host", #""\#(host)""#, host),
      (
        "HypervisorId", #""hype-\#(i % 2)\#(i % 5 == 0 ? "\\u0041" : "B")""#,
        "hype-\(i % 2)\(i % 5 == 0 ? "A" : "B")"
      ),
      ("Path", #""/Łódź/東京/😀/\#(i) a \"quoted\" folder""#, "/Łódź/東京/😀/\(i) a \"quoted\" folder"),
      ("Seen", "\(1_663_835_400 + i).25", "\((1_663_835_400 + i) * 1_000_000 + 250_000)"),
    ]
  }

  /// Hosts come again in most rows, and their strings are kept: those of a few, and of more than there is room for.
  @Test(arguments: [1, 3, 24, 100, 400], [false, true])
  func textsThatComeAgainAreTheRowsOwn(hosts: Int, isChecked: Bool) throws {
    let expected = (0..<400).map { i in
      var members = Self.members(i, hosts: hosts)
      if i % 11 == 0 { members.reverse() }
      if i % 7 == 0 { members.remove(at: i % 5) }
      return members
    }
    let texts = expected.map { row in
      "{" + row.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}"
    }
    let rows = try Builder().rows(#"{"Rows":[\#(texts.joined(separator: ","))]}"#, isChecked: isChecked)
    #expect(rows.count == 400)
    for (row, members) in zip(rows, expected) {
      let found = Dictionary(uniqueKeysWithValues: row.fields.map { ($0.name, text(of: $0.value)) })
      #expect(found == Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.text) }))
    }
  }

  /// Wherever it is cut off, and whatever was said of it before.
  @Test(arguments: [false, true])
  func aDocumentThatIsCutOffIsNone(isChecked: Bool) throws {
    let builder = try Builder()
    let row = "{\(Self.members(5, hosts: 2).map { "\"\($0.name)\":\($0.json)" }.joined(separator: ","))}"
    let whole = Array(#"{"Rows":[\#(row),\#(row)]}"#.utf8)
    for length in 1..<whole.count {
      let problem = builder.vm.main.pushJSON(
        Array(whole[..<length]), shape: builder.page, isChecked: isChecked)
      #expect(problem != nil, "of \(length) bytes")
    }
    #expect(try builder.rows(String(decoding: whole, as: UTF8.self), isChecked: isChecked).count == 2)
  }

  private func text(of value: LuaValue) -> String {
    switch value {
    case .string(let text): text
    case .timestamp(let time): String(time)
    default: "\(value)"
    }
  }
}
