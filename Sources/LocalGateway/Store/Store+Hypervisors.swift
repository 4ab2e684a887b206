// Store+Hypervisors: hypervisors, and the vCenters behind their hosts.
import AWSCore

extension Store {
  func hypervisor(_ arn: String) throws(DatabaseError) -> HypervisorRecord? {
    try hypervisors("arn = ?", .text(arn)).first
  }

  func hypervisor(id: String) throws(DatabaseError) -> HypervisorRecord? {
    try hypervisors("id = ?", .text(id)).first
  }

  private func hypervisors(_ condition: String, _ value: SQLValue) throws(DatabaseError) -> [HypervisorRecord]
  {
    try database.rows("\(HypervisorRecord.query) WHERE \(condition)", [value]) { HypervisorRecord($0, vault) }
  }

  func hypervisors(of world: World, after arn: String?, limit: Int) throws(DatabaseError)
    -> [HypervisorRecord]
  {
    try page(HypervisorRecord.query, of: world, after: arn, limit: limit) { HypervisorRecord($0, vault) }
  }

  /// How many hypervisors a world has.
  func hypervisorCount(of world: World) throws(DatabaseError) -> Int64 {
    try database.rows(
      "SELECT count(*) FROM hypervisor WHERE arn > ? AND arn < ?",
      [.text(world.firstArn), .text(world.endArn)]
    ) { $0.integer(0) ?? 0 }.first ?? 0
  }

  func save(_ hypervisor: HypervisorRecord) throws(DatabaseError) {
    try database.run(HypervisorRecord.insertion, hypervisor.row)
  }

  /// Forgets a hypervisor, its virtual machines, and all tags of them.
  func delete(_ hypervisor: HypervisorRecord) throws(DatabaseError) {
    let id = SQLValue.text(hypervisor.id)
    try removeTags(of: hypervisor.arn)
    try database.run(
      "DELETE FROM tag WHERE resource_arn IN (SELECT arn FROM virtual_machine WHERE hypervisor_id = ?)", [id])
    try database.run("DELETE FROM virtual_machine WHERE hypervisor_id = ?", [id])
    try database.run("DELETE FROM undiscovered_machine WHERE hypervisor_id = ?", [id])
    try database.run("DELETE FROM hypervisor WHERE arn = ?", [.text(hypervisor.arn)])
  }

  /// Whether any gateway is associated with a hypervisor.
  func hasGateways(_ hypervisor: HypervisorRecord) throws(DatabaseError) -> Bool {
    try database.rows("SELECT 1 FROM gateway WHERE hypervisor_id = ? LIMIT 1", [.text(hypervisor.id)]) { _ in
      true
    }.first ?? false
  }

  // MARK: vCenters

  /// What is behind a host. Names of hosts are the same in either case.
  func vcenter(_ host: String, in world: World) throws(DatabaseError) -> VCenter {
    try database.rows(
      "SELECT is_reachable, takes, login FROM vcenter WHERE world = ? AND host = lower(?)",
      [.text(world.firstArn), .text(host)]
    ) { VCenter($0, from: 0) }.first ?? VCenter()
  }

  func save(_ vcenter: VCenter, at host: String, in world: World) throws(DatabaseError) {
    try database.run(
      "REPLACE INTO vcenter VALUES (?, lower(?), ?, ?, ?)",
      [.text(world.firstArn), .text(host)] + vcenter.row)
  }
}
