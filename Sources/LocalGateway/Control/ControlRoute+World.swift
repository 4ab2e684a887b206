// ControlRoute+World: the rows about what happens around the service: to appliances, in vCenters, in AWS Backup.
import AWSCore
import BackupGateway

extension ControlRoute {
  static let ofTheWorld: [ControlRoute] = [
    ControlRoute(
      "create-vm", .member("ResourceArn"),
      input: [
        Member("HypervisorArn", hypervisorArn, required: true, "The hypervisor that it is on."),
        Member("Name", words(100), required: true, "Its name; any text."),
        Member("HostName", words(100), "The host it runs on."),
        Member("Path", words(4_096), "Where it stands in the inventory."),
        Member("VmwareTags", vmwareTags, "Its VMware tags; the service knows them after a metadata sync."),
      ],
      output: [machine("The ARN that it will have.")],
      summary:
        "Makes a virtual machine in a vCenter; the service finds it when the hypervisor is ONLINE for a while.",
      example: """
        local hypervisor = list_hypervisors():find{ State = "ONLINE" }
        local arn = gateway_lab.create_vm(hypervisor, { Name = "new database", Path = "/DC1/vm/new database" })
        gateway_lab.clock{ advance = "10s" }
        print(get_virtual_machine(arn).Name)
        """
    ) { control, input in
      let arn = try control.lab(of: input.arn("HypervisorArn")).createMachine(
        on: input.arn("HypervisorArn"), name: input.text("Name") ?? "", hostName: input.text("HostName"),
        path: input.text("Path"), tags: input.vmwareTags)
      return ["ResourceArn": .string(arn)]
    },
    ControlRoute(
      "delete-vm", input: [machine("The virtual machine.", required: true)], output: [machine("Its ARN.")],
      summary: "Removes a virtual machine from its vCenter, and so from the service.",
      example: "gateway_lab.delete_vm(list_virtual_machines():first())"
    ) { control, input in
      try control.lab(of: input.arn("ResourceArn")).deleteMachine(input.arn("ResourceArn"))
      return ["ResourceArn": .string(input.arn("ResourceArn"))]
    },
    ControlRoute(
      "move-vm",
      input: [
        machine("The virtual machine.", required: true),
        Member("Path", words(4_096), required: true, "Where it stands from now on."),
      ],
      output: [machine("Its ARN.")],
      summary:
        "Moves a virtual machine within its vCenter; the tag with its path stays as discovery made it.",
      example: #"gateway_lab.move_vm(list_virtual_machines():first(), { Path = "/DC1/vm/Archive/old" })"#
    ) { control, input in
      try control.lab(of: input.arn("ResourceArn")).moveMachine(
        input.arn("ResourceArn"), to: input.text("Path") ?? "")
      return ["ResourceArn": .string(input.arn("ResourceArn"))]
    },
    ControlRoute(
      "set-vmware-tags",
      input: [
        machine("The virtual machine.", required: true),
        Member("VmwareTags", vmwareTags, required: true, "All of its VMware tags."),
      ],
      output: [machine("Its ARN.")],
      summary: "Gives a virtual machine other VMware tags; the service knows them after a metadata sync.",
      example: """
        gateway_lab.set_vmware_tags(list_virtual_machines():first(), {
          VmwareTags = { { VmwareCategory = "Stage", VmwareTagName = "test" } },
        })
        """
    ) { control, input in
      try control.lab(of: input.arn("ResourceArn")).setVmwareTags(input.arn("ResourceArn"), input.vmwareTags)
      return ["ResourceArn": .string(input.arn("ResourceArn"))]
    },
    ControlRoute(
      "record-backup",
      input: [
        machine("The virtual machine.", required: true),
        Member("LastBackupDate", moment, "When; now if it is left out."),
      ],
      output: [machine("Its ARN.")], summary: "Records that AWS Backup has backed a virtual machine up.",
      example: #"gateway_lab.record_backup(list_virtual_machines():first(), { LastBackupDate = ago("3d") })"#
    ) { control, input in
      try control.lab(of: input.arn("ResourceArn")).recordBackup(
        of: input.arn("ResourceArn"), at: input.time("LastBackupDate"))
      return ["ResourceArn": .string(input.arn("ResourceArn"))]
    },
    ControlRoute(
      "take-offline", input: [applianceOrVCenter], output: [applianceOrVCenter],
      summary: "A gateway falls silent, or the vCenter behind a hypervisor does not answer any more.",
      example: "gateway_lab.take_offline(list_gateways():first())"
    ) { control, input in try control.switched(input, isOnline: false) },
    ControlRoute(
      "bring-online", input: [applianceOrVCenter], output: [applianceOrVCenter],
      summary: "A gateway is heard from again, or the vCenter behind a hypervisor answers again.",
      example: "gateway_lab.bring_online(list_hypervisors():first())"
    ) { control, input in try control.switched(input, isOnline: true) },
    ControlRoute(
      "set-vcenter-login",
      input: [
        Member("HypervisorArn", hypervisorArn, required: true, "The hypervisor whose vCenter it is."),
        Member(
          "accepts", Shape("accepts", .string, values: ["everybody", "nobody"]),
          "Whom it lets in from now on."),
        member("Username", of: "ImportHypervisorConfiguration", "Or only who logs in by this name …"),
        member("Password", of: "ImportHypervisorConfiguration", "… and this password."),
      ],
      output: [Member("HypervisorArn", hypervisorArn, "Its ARN.")],
      summary: "Whom a vCenter lets in: everybody, as at the start, nobody, or one login.",
      example: #"gateway_lab.set_vcenter_login(list_hypervisors():first(), { accepts = "nobody" })"#
    ) { control, input in
      let login = Login(username: input.text("Username"), password: input.text("Password"))
      let door: VCenter.Door
      switch (input.text("accepts"), login == Login()) {
      case ("everybody", true): door = .everybody
      case ("nobody", true): door = .nobody
      case (nil, false): door = .only(login)
      default: throw FieldProblem("give accepts, or Username and Password")
      }
      let lab = control.lab(of: input.arn("HypervisorArn"))
      try lab.setHost(lab.host(of: input.arn("HypervisorArn")), accepts: door)
      return ["HypervisorArn": .string(input.arn("HypervisorArn"))]
    },
    ControlRoute(
      "activation-key", .member("ActivationKey"),
      input: [
        Member(
          "Region", Shape("Region", .string, min: 1, max: 63, pattern: "[a-z0-9-]+"), "Default: the server's."
        ),
        Member(
          "Account", Shape("Account", .string, pattern: "[0-9]{12}"), "Default: that of the built-in key."),
      ],
      output: [
        Member("ActivationKey", text, "Good for 30 minutes, for one gateway in that region.")
      ],
      summary: "An activation key, as a new appliance shows it.",
      example: """
        local key = gateway_lab.activation_key()
        create_gateway{ ActivationKey = key, GatewayDisplayName = "new", GatewayType = "BACKUP_VM" }
        """
    ) { control, input in
      let world = World(
        account: input.text("Account") ?? control.home.account,
        region: input.text("Region") ?? control.home.region)
      return ["ActivationKey": .string(try control.lab(in: world).issueActivationKey())]
    },
    ControlRoute(
      "activation",
      input: [
        Member("issued_only", flag, "True: only keys that were issued here; false: any well-formed one.")
      ],
      output: [Member("issued_only", flag, "How it is now.")],
      summary: "Which activation keys create_gateway takes, in all worlds of this server.",
      example: "gateway_lab.activation{ issued_only = true }"
    ) { control, input in
      if let flag = input.flag("issued_only") { try control.lab(in: control.home).wantIssuedKeys(flag) }
      return ["issued_only": .bool(try control.responder.store.wantsIssuedKeys())]
    },
  ]

  // MARK: Members

  private static let hypervisorArn = Shape("HypervisorArn", .string, min: 1, max: 500, of: [.hypervisor])

  private static func machine(_ summary: String, required: Bool = false) -> Member {
    Member(
      "ResourceArn", Shape("ResourceArn", .string, min: 1, max: 500, of: [.virtualMachine]),
      required: required, summary)
  }

  private static let applianceOrVCenter = Member(
    "ResourceArn", Shape("ResourceArn", .string, min: 1, max: 500, of: [.gateway, .hypervisor]),
    required: true, "The gateway, or the hypervisor whose vCenter it is.")

  private static func words(_ maximum: Int64) -> Shape {
    Shape("text", .string, min: 1, max: maximum, pattern: #"[^\x00]+"#)
  }

  private static let vmwareTags = Shape(
    "VmwareTags",
    .list(
      of: Shape(
        "VmwareTag",
        .structure([
          Member("VmwareCategory", words(80), required: true, "The category."),
          Member("VmwareTagName", words(80), required: true, "The name."),
          Member("VmwareTagDescription", words(4_096), "What it means."),
        ]))))

  /// A member with the constraints that it has in an operation of the service.
  private static func member(_ name: String, of operation: String, _ summary: String) -> Member {
    Member(name, Service.operation(operation)?.input.member(name)?.shape ?? text, summary)
  }
}

extension Control {
  fileprivate func lab(in world: World) -> Lab { Lab(responder.store, world, responder.clock) }

  /// Of the world that a resource is in.
  fileprivate func lab(of arn: String) -> Lab { lab(in: World(ofResource: arn) ?? home) }

  fileprivate func switched(_ input: ControlInput, isOnline: Bool) throws -> Value.Object {
    let arn = input.arn("ResourceArn")
    let lab = lab(of: arn)
    if Arn(arn)?.kind == .hypervisor {
      try lab.setHost(lab.host(of: arn), isReachable: isOnline)
    } else {
      try lab.setGateway(arn, isOnline: isOnline)
    }
    return ["ResourceArn": .string(arn)]
  }
}

extension ControlInput {
  fileprivate func arn(_ name: String) -> String { text(name) ?? "" }

  fileprivate var vmwareTags: [VirtualMachineRecord.Tag] {
    (self["VmwareTags"]?.array ?? []).compactMap(VirtualMachineRecord.Tag.init)
  }
}
