// CostTests: what a call costs does not grow with the fleet, nor a page with how far in it is. A clock would say so
// roughly; SQLite counts exactly what it does.
import AWSCore
import BackupGateway
import CSQLite
import Testing

@testable import LocalGateway

struct CostTests {
  /// What SQLite has done for all statements of a store.
  private struct Work: Equatable {
    /// Steps of its virtual machine: all that it did but the depth of its trees.
    var steps: Int32 = 0
    /// What must never happen in a call: steps over a whole table, sorting, and indexes for one query.
    var scanned: Int32 = 0
    var sorted: Int32 = 0
    var indexed: Int32 = 0

    init(_ store: Store) {
      for statement in store.database.statements.values {
        func count(_ counter: Int32) -> Int32 { sqlite3_stmt_status(statement.handle, counter, 0) }
        steps += count(SQLITE_STMTSTATUS_VM_STEP)
        scanned += count(SQLITE_STMTSTATUS_FULLSCAN_STEP)
        sorted += count(SQLITE_STMTSTATUS_SORT)
        indexed += count(SQLITE_STMTSTATUS_AUTOINDEX)
      }
    }

    static func - (a: Work, b: Work) -> Work {
      var work = a
      work.steps -= b.steps
      work.scanned -= b.scanned
      work.sorted -= b.sorted
      work.indexed -= b.indexed
      return work
    }
  }

  private func work(of world: TestWorld, _ operation: String, _ input: Value) throws -> (Value, Work) {
    let before = Work(world.store)
    let answer = try world.done(operation, input)
    let work = Work(world.store) - before
    #expect(work.scanned == 0 && work.sorted == 0 && work.indexed == 0, "\(operation) \(input): \(work)")
    return (answer, work)
  }

  /// The first page, one in the middle and the last whole one, with the filter and without, in small fleets and large.
  @Test(arguments: [false, true])
  func aPageCostsTheSameInEveryFleetAndAtEveryPlace(isFiltered: Bool) throws {
    var costs: Set<Int32> = []
    for count in [250, 10_000] {
      let world = try TestWorld(virtualMachines: count)
      let hypervisor = try #require(
        try world.store.hypervisors(of: TestWorld.home, after: nil, limit: 1).first)
      // What is done once: looking when something will happen next, and compiling the statements.
      try world.done("ListVirtualMachines", isFiltered ? ["HypervisorArn": .string(hypervisor.arn)] : [:])
      var input: Value.Object = ["MaxResults": 50]
      if isFiltered { input["HypervisorArn"] = .string(hypervisor.arn) }
      repeat {
        let (page, work) = try work(of: world, "ListVirtualMachines", .object(input))
        input["NextToken"] = page["NextToken"]
        // The last page may be short.
        if input["NextToken"] != nil { costs.insert(work.steps) }
      } while input["NextToken"] != nil
    }
    #expect(costs.count == 1, "\(costs)")
  }

  @Test func aMachineCostsTheSameInEveryFleet() throws {
    var costs: Set<Int32> = []
    for count in [250, 10_000] {
      let world = try TestWorld(virtualMachines: count)
      let machines = try world.store.virtualMachines(
        of: TestWorld.home, hypervisorID: nil, after: nil, limit: count)
      try world.done("GetVirtualMachine", ["ResourceArn": .string(machines[0].arn)])
      for machine in [machines[0], machines[count / 2], machines[count - 1]] {
        costs.insert(try work(of: world, "GetVirtualMachine", ["ResourceArn": .string(machine.arn)]).1.steps)
      }
    }
    #expect(costs.count == 1, "\(costs)")
  }

  /// How SQLite means to find what it is asked for, in its own words (EXPLAIN QUERY PLAN).
  @Test func everyQueryOfACallThatReadsSearchesAnIndex() throws {
    let world = try TestWorld()
    // When something happens next is looked up at the first call.
    try world.done("ListGateways")
    let before = Set(world.store.database.statements.keys)
    let hypervisor = try #require(try world.store.hypervisors(of: TestWorld.home, after: nil, limit: 1).first)
    let gateway = try #require(try world.store.gateways(of: TestWorld.home, after: nil, limit: 1).first)
    for (operation, input) in [
      ("ListVirtualMachines", [:]), ("ListVirtualMachines", ["HypervisorArn": .string(hypervisor.arn)]),
      ("ListHypervisors", [:]), ("GetHypervisor", ["HypervisorArn": .string(hypervisor.arn)]),
      ("GetGateway", ["GatewayArn": .string(gateway.arn)]),
      ("ListTagsForResource", ["ResourceArn": .string(gateway.arn)]),
    ] as [(String, Value)] {
      try world.done(operation, input)
    }
    let queries = world.store.database.statements.keys.filter { !before.contains($0) }
    #expect(queries.count == 6)
    for query in queries {
      let plan = try world.store.database.rows("EXPLAIN QUERY PLAN \(query)") { $0.text(3) ?? "" }
      #expect(plan.contains { $0.contains("SEARCH") }, "\(query): \(plan)")
      #expect(!plan.contains { $0.contains("SCAN ") && $0 != "SCAN CONSTANT ROW" }, "\(query): \(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.contains("AUTOMATIC") }, "\(query): \(plan)")
    }
  }
}
