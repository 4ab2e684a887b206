// What is marked as changed in the rows of a watched expression.
import Testing

@testable import Host

@Suite struct ChangedCellsTests {
  private func marked(_ rows: [String], since earlier: [String], _ mark: ChangedCells.Mark = .star)
    -> [String]
  {
    ChangedCells(since: earlier).marked(rows, mark)
  }

  @Test func onlyTheCellThatChanged() {
    #expect(
      marked(
        ["Name   State", "a b    ONLINE", "c      same"],
        since: ["Name   State", "a b    OFFLINE", "c      same"])
        == ["Name   State", "a b   *ONLINE", "c      same"])
  }

  @Test func aRowIsComparedWithTheOneOfItsName() {
    #expect(
      marked(["new  1", "a    2", "b    3"], since: ["a    2", "b    4"]) == ["*new *1", "a    2", "b   *3"])
    #expect(marked(["b    3"], since: ["a    2", "b    3"]) == ["b    3"])
  }

  @Test func rowsOfOneNameInTheirOrder() {
    #expect(marked(["a  1", "a  2"], since: ["a  1", "a  3"]) == ["a  1", "a *2"])
  }

  @Test func aSingleValue() { #expect(marked(["8"], since: ["7"]) == ["*8"]) }

  @Test func inReverseVideoNothingMoves() {
    #expect(marked(["  a  2 x"], since: ["  a  1 x"], .reversed) == ["  a  \u{1B}[7m2 x\u{1B}[27m"])
  }
}
