// Store+VirtualMachines: the virtual machines that the service knows, and those that it has yet to find.
import AWSCore

extension Store {
  func virtualMachine(_ arn: String) throws(DatabaseError) -> VirtualMachineRecord? {
    try virtualMachine(arn, VirtualMachineRecord.init)
  }

  /// What is read of its row.
  func virtualMachine<T>(_ arn: String, _ read: (Statement) -> T) throws(DatabaseError) -> T? {
    try database.rows(VirtualMachineRecord.queryByArn, [.text(arn)], read).first
  }

  /// Virtual machines of a world, or of one of its hypervisors, whose ARNs come after the given one.
  /// - Parameter withTags: fills what listings do not show.
  func virtualMachines(
    of world: World, hypervisorID: String?, after arn: String?, limit: Int, withTags: Bool = false
  ) throws(DatabaseError) -> [VirtualMachineRecord] {
    var machines: [VirtualMachineRecord] = []
    try forEachMachine(of: world, hypervisorID: hypervisorID, after: arn, limit: limit, withTags: withTags) {
      machines.append(VirtualMachineRecord($0))
    }
    return machines
  }

  /// The same as rows, for a page of a listing that is written while it is read.
  func forEachMachine(
    of world: World, hypervisorID: String?, after arn: String?, limit: Int, withTags: Bool = false,
    _ body: (Statement) -> Void
  ) throws(DatabaseError) {
    try forEachRow(
      withTags ? VirtualMachineRecord.query : VirtualMachineRecord.list, of: world, after: arn, limit: limit,
      where: hypervisorID.map { (sql: "hypervisor_id = ?4", value: .text($0)) }, body)
  }

  func save(_ machine: VirtualMachineRecord) throws(DatabaseError) {
    try database.run(VirtualMachineRecord.insertion, machine.row)
  }

  /// Forgets a virtual machine and its tags, whether it was found or not.
  func deleteMachine(_ arn: String) throws(DatabaseError) {
    try removeTags(of: arn)
    try database.run("DELETE FROM virtual_machine WHERE arn = ?", [.text(arn)])
    try database.run("DELETE FROM undiscovered_machine WHERE arn = ?", [.text(arn)])
  }

  // MARK: Discovery

  /// Adds a machine that is in vCenter and not yet in the service.
  func saveUndiscovered(_ machine: VirtualMachineRecord) throws(DatabaseError) {
    try database.run(
      "REPLACE INTO undiscovered_machine VALUES (?, ?, ?, ?, ?, ?, NULL)",
      [
        .text(machine.arn), .text(machine.hypervisorID), .text(machine.name), SQLValue(machine.hostName),
        SQLValue(machine.path), SQLValue(JSONColumn.text(machine.tags.map(\.value))),
      ])
  }

  /// A machine that was not found yet, with its VMware tags.
  func undiscoveredMachine(_ arn: String) throws(DatabaseError) -> VirtualMachineRecord? {
    try database.rows(
      "SELECT arn, hypervisor_id, name, host_name, path, NULL, vcenter_tags, NULL, NULL FROM undiscovered_machine "
        + "WHERE arn = ?", [.text(arn)], VirtualMachineRecord.init
    ).first
  }

  /// Makes virtual machines of those that appear until a moment. Their VMware tags stay in vCenter until a sync.
  func discoverMachines(until time: Timestamp) throws(DatabaseError) {
    try database.run(
      """
      INSERT INTO virtual_machine SELECT arn, hypervisor_id, name, host_name, path, NULL, NULL, vcenter_tags, NULL
        FROM undiscovered_machine WHERE appears <= ?
      """, [.integer(time.microseconds)])
    try database.run("DELETE FROM undiscovered_machine WHERE appears <= ?", [.integer(time.microseconds)])
  }

  /// Decides when machines will be found: those of a hypervisor that is ONLINE one after the other from now, those
  /// of another not at all. Nothing changes for machines whose time is set already.
  func planDiscovery(at now: Timestamp) throws(DatabaseError) {
    let waiting = try database.rows("SELECT DISTINCT hypervisor_id FROM undiscovered_machine") {
      $0.text(0) ?? ""
    }
    for id in waiting {
      guard let hypervisor = try hypervisor(id: id), Rules.state(of: hypervisor) == "ONLINE" else {
        try database.run(
          "UPDATE undiscovered_machine SET appears = NULL WHERE hypervisor_id = ? AND appears IS NOT NULL",
          [.text(id)])
        continue
      }
      let arns = try database.rows(
        "SELECT arn FROM undiscovered_machine WHERE hypervisor_id = ? AND appears IS NULL ORDER BY arn",
        [.text(id)]
      ) { $0.text(0) ?? "" }
      for (number, arn) in arns.enumerated() {
        let time = now.advanced(bySeconds: Rules.discoveryDelay(number))
        try database.run(
          "UPDATE undiscovered_machine SET appears = ? WHERE arn = ?",
          [.integer(time.microseconds), .text(arn)])
      }
    }
  }
}
