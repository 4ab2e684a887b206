// HypervisorOperations: the rows of the model about hypervisors, their credentials and their tag mappings.

extension Operation {
  /// The operations about them.
  public static let ofHypervisors: [Operation] = [
    Operation(
      "DeleteHypervisor", .write, destructive: true, input: [theHypervisor], output: [hypervisorArn],
      errors: ["ConflictException", "AccessDeniedException", "ResourceNotFoundException"],
      summary: "Forgets a hypervisor and its credentials; nothing changes in the hypervisor itself.",
      example: """
        local old = list_hypervisors():filter(function(h) return h.Name == "vcenter-retired" end):first()
        if old then delete_hypervisor(old) end
        """),
    Operation(
      "GetHypervisor", .read, .member("Hypervisor"), input: [theHypervisor],
      output: [Member("Hypervisor", .hypervisorDetails, "The hypervisor.")],
      errors: ["ResourceNotFoundException"],
      summary: "One hypervisor with its log group and the state of its metadata sync, by its ARN.",
      example: """
        local h = get_hypervisor(list_hypervisors():first())
        print(h.Name, h.State, h.LatestMetadataSyncStatus)
        """),
    Operation(
      "GetHypervisorPropertyMappings", .read, input: [theHypervisor],
      output: [
        hypervisorArn,
        Member("VmwareToAwsTagMappings", .vmwareToAwsTagMappings, "Which VMware tag becomes which AWS tag."),
        Member("IamRoleArn", .iamRoleArn, "The role that writes the AWS tags."),
      ],
      errors: ["ResourceNotFoundException"],
      summary: "Which VMware tags of a hypervisor become which AWS tags.",
      example: """
        for _, m in ipairs(get_hypervisor_property_mappings(list_hypervisors():first()).VmwareToAwsTagMappings) do
          print(m.VmwareCategory, m.VmwareTagName, m.AwsTagKey, m.AwsTagValue)
        end
        """),
    Operation(
      "ImportHypervisorConfiguration", .write,
      input: [
        Member("Name", .name, required: true, "The name that people know it by."),
        Member("Host", .host, required: true, "Its IP address or fully qualified domain name."),
        Member("Username", .username, "The user that gateways log in as."),
        Member("Password", .password, "The password of that user."),
        Member("KmsKeyArn", .kmsKeyArn, "The key that encrypts the credentials; it cannot be changed later."),
        Member("Tags", .tags, "The tags it begins with, at most 50."),
      ],
      output: [hypervisorArn], errors: ["ConflictException", "AccessDeniedException"],
      summary: "Makes a hypervisor known, with the credentials that gateways use.",
      example: """
        local h = import_hypervisor_configuration{
          Name = "vcenter-berlin", Host = "vcenter.berlin.example.com",
          Username = "backup@vsphere.local", Password = io.read(),
        }
        print(h.HypervisorArn)
        """),
    Operation(
      "ListHypervisors", .read, .listing(of: "Hypervisors"), input: Member.paging,
      output: [Member("Hypervisors", .hypervisors, "A page of hypervisors, ordered by ARN."), .nextPage],
      summary: "The hypervisors of the account in the region.",
      example: """
        for h in list_hypervisors() do print(h.Name, h.Host, h.State) end
        """),
    Operation(
      "PutHypervisorPropertyMappings", .write,
      input: [
        theHypervisor,
        Member(
          "VmwareToAwsTagMappings", .vmwareToAwsTagMappings, required: true,
          "All mappings, at most 10; those that are not given again are gone."),
        Member("IamRoleArn", .iamRoleArn, required: true, "The role that writes the AWS tags."),
      ],
      output: [hypervisorArn],
      errors: ["ConflictException", "AccessDeniedException", "ResourceNotFoundException"],
      summary: "Replaces all of a hypervisor's mappings from VMware tags to AWS tags.",
      example: """
        put_hypervisor_property_mappings(list_hypervisors():first(), {
          IamRoleArn = "arn:aws:iam::123456789012:role/tag-sync",
          VmwareToAwsTagMappings = {
            { VmwareCategory = "Stage", VmwareTagName = "production", AwsTagKey = "stage", AwsTagValue = "prod" },
          },
        })
        """),
    Operation(
      "StartVirtualMachinesMetadataSync", .write, input: [theHypervisor], output: [hypervisorArn],
      errors: ["AccessDeniedException", "ResourceNotFoundException"],
      summary: "Starts copying VMware tags to AWS tags for the virtual machines of a hypervisor.",
      example: """
        local h = list_hypervisors():first()
        start_virtual_machines_metadata_sync(h)
        print(get_hypervisor(h).LatestMetadataSyncStatus)
        """),
    Operation(
      "TestHypervisorConfiguration", .write,
      input: [
        Member("GatewayArn", .gatewayArn, required: true, "The ARN of the gateway that tries it."),
        Member("Host", .host, required: true, "The IP address or fully qualified domain name to try."),
        Member("Username", .username, "The user to log in as."),
        Member("Password", .password, "The password of that user."),
      ],
      output: [], errors: ["ConflictException", "ResourceNotFoundException"],
      summary: "Lets a gateway try a hypervisor's host and credentials; an error says that it failed.",
      example: """
        local gw, h = list_gateways():first(), list_hypervisors():first()
        local password = io.read()
        test_hypervisor_configuration(gw, { Host = h.Host, Username = "backup@vsphere.local", Password = password })
        """),
    Operation(
      "UpdateHypervisor", .write,
      input: [
        theHypervisor, Member("Host", .host, "The new IP address or fully qualified domain name."),
        Member("Username", .username, "The user that gateways log in as from now on."),
        Member("Password", .password, "The password of that user."), Member("Name", .name, "The new name."),
        Member("LogGroupArn", .logGroupArn, "The log group for its gateways; an empty text ends logging."),
      ],
      output: [hypervisorArn],
      errors: ["ConflictException", "AccessDeniedException", "ResourceNotFoundException"],
      summary: "Changes a hypervisor's name, host, credentials or log group; what is not given stays.",
      example: """
        update_hypervisor(list_hypervisors():first(), { Name = "vcenter-zurich-1" })
        """),
  ]

  private static let theHypervisor = Member(
    "HypervisorArn", .serverArn, required: true, "The ARN of the hypervisor.")
  private static let hypervisorArn = Member("HypervisorArn", .serverArn, "The ARN of the hypervisor.")
}
