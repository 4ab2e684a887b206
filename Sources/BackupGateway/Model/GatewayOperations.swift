// GatewayOperations: the rows of the model about gateways, their hypervisor, maintenance and bandwidth.

extension Operation {
  /// The operations about them.
  public static let ofGateways: [Operation] = [
    Operation(
      "AssociateGatewayToServer", .write,
      input: [
        Member("GatewayArn", .gatewayArn, required: true, "The ARN of the gateway."),
        Member("ServerArn", .serverArn, required: true, "The ARN of the hypervisor."),
      ],
      output: [gatewayArn], errors: ["ConflictException"],
      summary: "Lets a gateway look after a hypervisor; a gateway has at most one.",
      example: """
        local spare = list_gateways():filter(function(gw) return gw.HypervisorId == nil end):first()
        local h = list_hypervisors():first()
        if spare then associate_gateway_to_server{ GatewayArn = spare.GatewayArn, ServerArn = h.HypervisorArn } end
        """),
    Operation(
      "CreateGateway", .write,
      input: [
        Member(
          "ActivationKey", .activationKey, required: true,
          "The key that the appliance shows; it expires after 30 minutes."),
        Member("GatewayDisplayName", .name, required: true, "The name that people know it by."),
        Member("GatewayType", .gatewayType, required: true, "The type of the gateway; there is one."),
        Member("Tags", .tags, "The tags it begins with, at most 50."),
      ],
      output: [gatewayArn],
      summary: "Registers an appliance that was set up as a gateway of this account and region.",
      example: """
        local key = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"
        print(create_gateway{ ActivationKey = key, GatewayDisplayName = "zurich-02", GatewayType = "BACKUP_VM" }.GatewayArn)
        """),
    Operation(
      "DeleteGateway", .write, destructive: true, input: [theGateway], output: [gatewayArn],
      errors: ["ResourceNotFoundException"],
      summary: "Deletes a gateway, which cannot be activated again.",
      example: """
        local old = list_gateways():filter(function(gw) return gw.GatewayDisplayName == "retired-01" end):first()
        if old then delete_gateway(old) end
        """),
    Operation(
      "DisassociateGatewayFromServer", .write, input: [theGateway], output: [gatewayArn],
      errors: ["ConflictException", "ResourceNotFoundException"],
      summary: "Takes a gateway from its hypervisor, whose virtual machines it reaches no more.",
      example: """
        disassociate_gateway_from_server(list_gateways():first())
        """),
    Operation(
      "GetBandwidthRateLimitSchedule", .read, input: [theGateway],
      output: [
        gatewayArn,
        Member(
          "BandwidthRateLimitIntervals", .bandwidthRateLimitIntervals,
          "The intervals; an empty list when nothing is limited."),
      ],
      errors: ["ResourceNotFoundException"],
      summary: "When and how much a gateway's uploads are limited, in UTC.",
      example: """
        local schedule = get_bandwidth_rate_limit_schedule(list_gateways():first())
        for _, i in ipairs(schedule.BandwidthRateLimitIntervals) do
          print(i.StartHourOfDay, i.EndHourOfDay, i.AverageUploadRateLimitInBitsPerSec or "not limited")
        end
        """),
    Operation(
      "GetGateway", .read, .member("Gateway"), input: [theGateway],
      output: [Member("Gateway", .gatewayDetails, "The gateway.")],
      errors: ["ResourceNotFoundException"],
      summary: "One gateway with all its details, by its ARN.",
      example: """
        local gw = get_gateway(list_gateways():first())
        print(gw.GatewayDisplayName, gw.MaintenanceStartTime.HourOfDay)
        """),
    Operation(
      "ListGateways", .read, .listing(of: "Gateways"), input: Member.paging,
      output: [Member("Gateways", .gateways, "A page of gateways, ordered by ARN."), .nextPage],
      summary: "The gateways of the account in the region.",
      example: """
        for gw in list_gateways() do print(gw.GatewayDisplayName, gw.LastSeenTime) end
        """),
    Operation(
      "PutBandwidthRateLimitSchedule", .write,
      input: [
        theGateway,
        Member(
          "BandwidthRateLimitIntervals", .bandwidthRateLimitIntervals, required: true,
          "All intervals, which must not overlap; an empty list removes the limits."),
      ],
      output: [gatewayArn], errors: ["ResourceNotFoundException"],
      summary: "Replaces the whole schedule that limits a gateway's uploads.",
      example: """
        local office = {
          DaysOfWeek = { 1, 2, 3, 4, 5 }, StartHourOfDay = 8, StartMinuteOfHour = 0,
          EndHourOfDay = 17, EndMinuteOfHour = 59, AverageUploadRateLimitInBitsPerSec = 100e6,
        }
        put_bandwidth_rate_limit_schedule(list_gateways():first(), { BandwidthRateLimitIntervals = { office } })
        """),
    Operation(
      "PutMaintenanceStartTime", .write, input: [theGateway] + Shape.maintenanceStartTime.members,
      output: [gatewayArn], errors: ["ConflictException", "ResourceNotFoundException"],
      summary: "Sets when a gateway's maintenance begins: weekly with DayOfWeek, monthly with DayOfMonth.",
      example: """
        put_maintenance_start_time(list_gateways():first(), { DayOfWeek = 0, HourOfDay = 3, MinuteOfHour = 30 })
        """),
    Operation(
      "UpdateGatewayInformation", .write,
      input: [theGateway, Member("GatewayDisplayName", .name, "The new name.")], output: [gatewayArn],
      errors: ["ConflictException", "ResourceNotFoundException"],
      summary: "Gives a gateway another name.",
      example: """
        update_gateway_information(list_gateways():first(), { GatewayDisplayName = "zurich-backup-1" })
        """),
    Operation(
      "UpdateGatewaySoftwareNow", .write, input: [theGateway], output: [gatewayArn],
      errors: ["ResourceNotFoundException"],
      summary: "Starts the update of a gateway's software now instead of at its maintenance.",
      example: """
        for gw in list_gateways() do
          local update = get_gateway(gw).NextUpdateAvailabilityTime
          if update and update < now() then update_gateway_software_now(gw) end
        end
        """),
  ]

  private static let theGateway = Member(
    "GatewayArn", .gatewayArn, required: true, "The ARN of the gateway.")
  private static let gatewayArn = Member("GatewayArn", .gatewayArn, "The ARN of the gateway.")
}
