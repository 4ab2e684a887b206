// Library: the snippets that come with the program. They are part of it, so that the first day needs no registry; each is an
// ordinary snippet all the same: it runs in a worker, and may call what its header names.

/// A snippet of the program's own.
public struct LibrarySnippet: Sendable {
  public let name: String
  public let source: @Sendable () -> [UInt8]
}

public enum Library {
  /// In the order of their names. A test holds the list against the folder.
  public static let snippets: [LibrarySnippet] = [
    LibrarySnippet(name: "backup-timeline") { PackageResources.backup_timeline_lua },
    LibrarySnippet(name: "bandwidth-schedule") { PackageResources.bandwidth_schedule_lua },
    LibrarySnippet(name: "capacity") { PackageResources.capacity_lua },
    LibrarySnippet(name: "failed-backups") { PackageResources.failed_backups_lua },
    LibrarySnippet(name: "fleet-sweep") { PackageResources.fleet_sweep_lua },
    LibrarySnippet(name: "inventory") { PackageResources.inventory_lua },
    LibrarySnippet(name: "maintenance-plan") { PackageResources.maintenance_plan_lua },
    LibrarySnippet(name: "moved-vms") { PackageResources.moved_vms_lua },
    LibrarySnippet(name: "on-demand-backup") { PackageResources.on_demand_backup_lua },
    LibrarySnippet(name: "orphans") { PackageResources.orphans_lua },
    LibrarySnippet(name: "replace-gateway") { PackageResources.replace_gateway_lua },
    LibrarySnippet(name: "rotate-credentials") { PackageResources.rotate_credentials_lua },
    LibrarySnippet(name: "silent-gateways") { PackageResources.silent_gateways_lua },
    LibrarySnippet(name: "software-updates") { PackageResources.software_updates_lua },
    LibrarySnippet(name: "stale-vms") { PackageResources.stale_vms_lua },
    LibrarySnippet(name: "tag-audit") { PackageResources.tag_audit_lua },
    LibrarySnippet(name: "tag-mappings") { PackageResources.tag_mappings_lua },
    LibrarySnippet(name: "unprotected-vms") { PackageResources.unprotected_vms_lua },
  ]
}
