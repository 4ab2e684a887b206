// What Tab chooses by what is typed, what it puts in without asking, and how it lists the rest.
import Testing

@testable import Shell

@Suite struct CompletionListTests {
  init() { Terminal.useLocale() }

  static func list(_ texts: [String], _ typed: String, anywhere: Bool = false) -> CompletionList {
    var completions = Completions(replacing: 0..<0, texts.map { Completion($0) })
    completions.areFoundAnywhere = anywhere
    return CompletionList(completions, typed: typed)
  }

  @Test(arguments: [
    ("get", ["get_gateway", "get_vm"]), ("GET", ["get_gateway", "get_vm", "Get"]),
    ("gateway", ["get_gateway", "list_gateways"]),
    ("lg", ["list_gateways"]), ("", ["get_gateway", "get_vm", "list_gateways", "Get"]), ("x", []),
    ("Ge", ["Get"]),
  ])
  func whatFits(_ typed: String, _ texts: [String]) {
    #expect(Self.list(["get_gateway", "get_vm", "list_gateways", "Get"], typed).items.map(\.text) == texts)
  }

  @Test(
    arguments: [
      ("get_", ["get_gateway", "get_vm"], nil), ("g", ["get_gateway", "get_vm"], "get_"),
      ("", ["ab", "ac"], "a"),
      ("way", ["get_gateway", "list_gateways"], nil), ("ÄB", ["äbc1", "äbc2"], "äbc"),
      ("", ["ab", "b"], nil),
    ] as [(String, [String], String?)])
  func whatAllBeginWith(_ typed: String, _ texts: [String], _ beginning: String?) {
    #expect(Self.list(texts, typed).beginning == beginning)
  }

  /// The name that was looked for stays when only ids have something in common.
  @Test func aNameIsNotLostToTheBeginningOfIds() {
    var completions = Completions(
      replacing: 0..<0,
      [
        Completion("arn:1", label: "old zurich"), Completion("arn:2zur", label: "x"),
        Completion("arn:3", label: "ZUR"),
      ])
    completions.areFoundAnywhere = true
    let list = CompletionList(completions, typed: "zur")
    #expect(list.items.map(\.label) == ["old zurich", "ZUR", "x"])
    #expect(list.beginning == nil)
    #expect(CompletionList(completions, typed: "").beginning == nil)
    #expect(CompletionList(completions, typed: "ar").beginning == "arn:")
  }

  @Test func detailsStandBelowEachOtherHoweverWideTheLabelsAre() {
    let completions = Completions(
      replacing: 0..<0,
      [
        Completion("1", label: "db", detail: "one"), Completion("2", label: "東京", detail: "two"),
        Completion("3", label: "e\u{301}\u{1B}", detail: "three"),
      ])
    let rows = CompletionList(completions, typed: "").rows(columns: 40, rows: 9, faint: ("<", ">"))
    #expect(rows == ["db    <one>", "東京  <two>", "e     <three>"])
    #expect(
      CompletionList(completions, typed: "").rows(columns: 8, rows: 9, faint: ("", "")) == [
        "db    o", "東京  t", "e     t",
      ])
  }

  @Test func manyAreListedInColumnsWithoutTheirDetails() {
    let items = (1...7).map { Completion("name\($0)", detail: "d") }
    let list = CompletionList(Completions(replacing: 0..<0, items), typed: "")
    #expect(
      list.rows(columns: 24, rows: 3, faint: ("", "")) == [
        "name1  name4  name7", "name2  name5", "name3  name6",
      ])
    for columns in 2...30 {
      for row in list.rows(columns: columns, rows: 1, faint: ("", "")) { #expect(row.count < columns) }
    }
  }
}
