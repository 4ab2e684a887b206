// TimerQueue: what is due when. A binary heap, because thousands of tasks may sleep at once.
import AWSCore

struct TimerQueue {
  private struct Entry {
    var due: Double
    var number: UInt64

    /// Soonest first; of equal ones the one that was set first.
    static func < (a: Entry, b: Entry) -> Bool { a.due == b.due ? a.number < b.number : a.due < b.due }
  }

  /// Each parent comes before its children, at 2i + 1 and 2i + 2. A timer that was cancelled stays until it comes to
  /// the top or most are such.
  private var heap: [Entry] = []
  private var bodies: [UInt64: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  var isEmpty: Bool { bodies.isEmpty }
  /// When the next one is due; nil when there is none.
  var soonest: Double? { heap.first?.due }

  mutating func add(due: Double, _ body: @escaping () -> Void) -> TimerID {
    lastNumber += 1
    bodies[lastNumber] = body
    heap.append(Entry(due: due, number: lastNumber))
    rise(heap.count - 1)
    return TimerID(lastNumber)
  }

  mutating func cancel(_ timer: TimerID) {
    guard bodies.removeValue(forKey: timer.number) != nil else { return }
    if heap.count > 64, bodies.count < heap.count / 2 {
      heap = heap.filter { bodies[$0.number] != nil }.sorted(by: <)  // a sorted array is a heap
    }
    dropCancelled()
  }

  /// Takes the next timer if it is due.
  mutating func takeDue(at now: Double) -> (() -> Void)? {
    guard let first = heap.first, first.due <= now else { return nil }
    removeFirst()
    let body = bodies.removeValue(forKey: first.number)
    dropCancelled()
    return body
  }

  /// Keeps the invariant that the first one is alive.
  private mutating func dropCancelled() {
    while let first = heap.first, bodies[first.number] == nil { removeFirst() }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(0)
  }

  private mutating func rise(_ start: Int) {
    var i = start
    while i > 0, heap[i] < heap[(i - 1) / 2] {
      heap.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var i = start
    while true {
      var least = i
      for child in [2 * i + 1, 2 * i + 2] where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      if least == i { return }
      heap.swapAt(i, least)
      i = least
    }
  }
}
