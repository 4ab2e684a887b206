// HelpLanguage: what help says of the globals that are neither operations nor output.

extension Help {
  static let ofLanguage: [Entry] = [
    Entry(
      name: "ago", signature: "ago(duration) → timestamp", summary: "The instant so long before now.",
      example: #"print(ago("7d12h"))"#),
    Entry(
      name: "args", signature: "args.NAME, args[1], …",
      summary:
        "What the command line gave a script whose header declares arguments, as values of their types; the other words\n"
        + "  by number. A name that the header does not declare is an error. help(\"scripts\") shows how to declare one.",
      example: """
        -- @arg age duration=7d     Age of the last backup
        -- @arg report output?      Write the rows to this file
        local old = list_virtual_machines():filter(function(vm) return older_than(vm.LastBackupDate, args.age) end)
        output.csv(old, { "Name", "LastBackupDate" }, { to = args.report })
        """),
    Entry(
      name: "call", signature: "call(operation, {…}) → response, metadata",
      summary:
        "The low door: an operation by AWS's name, its whole response, and request_id, http_status, attempts and seconds.",
      example: """
        local page, how = call("ListGateways", { MaxResults = 2 })
        print(#page.Gateways, how.http_status, how.attempts)
        """),
    Entry(
      name: "changes",
      signature: "changes(title) → todo; todo.OPERATION(…); todo:run{ limit = 8 } → done, failed, withheld",
      summary: "Collects writes, checked but not sent; run shows them, asks once and sends them together.",
      example: """
        local todo = changes("Tag what was never backed up")
        for vm in list_virtual_machines():filter(function(vm) return vm.LastBackupDate == nil end) do
          todo.tag_resource(vm, { Tags = tags.list{ backup = "missing" } })
        end
        local done, failed = todo:run{ limit = 8 }
        print(#done, #failed)
        """),
    Entry(
      name: "connect", signature: "connect{ profile =, region =, endpoint =, role_arn = } → session",
      summary: "Another session, with every operation as a field; nothing is sent before its first call.",
      example: #"local eu = connect{ region = "eu-central-1" } print(eu.list_gateways():count())"#),
    Entry(
      name: "diff", signature: "diff(before, after) → array of { at =, from =, to = }",
      summary: "Where two records or tables differ, a row for each place; empty when nowhere.",
      example: """
        local gw = get_gateway(list_gateways():first())
        local wanted = { HourOfDay = 4, MinuteOfHour = 15 }
        show(diff(gw.MaintenanceStartTime, wanted))
        """),
    Entry(
      name: "duration", signature: "duration(text) → seconds; duration.text(seconds) → text",
      summary: "Seconds of a text like \"36h\" or \"7d12h\" (s, m, h, d, w), and back.",
      example: #"print(duration("36h"), duration.text(129600))"#),
    Entry(
      name: "exit", signature: "exit(code?, message?)",
      summary:
        "Ends the run with an exit code from 0 to 125, or 252, which usage(text) gives too; the message goes to "
        + "stderr.",
      example: #"if not list_gateways():first() then exit(3, "no gateway") end"#),
    Entry(
      name: "fleet", signature: "fleet{ profiles = {…}, regions = {…} or \"all\" } → fleet",
      summary:
        "The listings of many accounts and regions as one; item.target is the session an item came from.",
      example: """
        local f = fleet{ regions = { "us-east-1", "eu-central-1" } }
        for gw in f.list_gateways() do print(gw.target.region, gw.target.get_gateway(gw).GatewayDisplayName) end
        print(#f:targets(), #f:errors())
        """),
    Entry(
      name: "gateway_lab", signature: "gateway_lab.NAME{…}",
      summary: "What happens around a local gateway: VMs, outages, the clock, faults. Only with --local.",
      example: #"gateway_lab.clock{ advance = "2h" }"#),
    Entry(
      name: "help", signature: "help(function or name)", summary: "Explains a function; help() lists all.",
      example: "help(get_gateway)"),
    Entry(
      name: "hypervisor_arn", signature: "hypervisor_arn(gateway or vm) → ARN, or nil",
      summary: "The ARN of the hypervisor that a gateway looks after or that a virtual machine lives on.",
      example: """
        local arn = hypervisor_arn(list_virtual_machines():first())
        print(get_hypervisor(arn).Name)
        """),
    Entry(
      name: "items", signature: "items(array) → listing",
      summary: "Gives an array the methods of a listing: filter, map, take, sort, group, index, find, count.",
      example: "for name in items{ \"a\", \"b\" }:map(string.upper) do print(name) end"),
    Entry(
      name: "missing_ok", signature: "missing_ok(function, …) → its result, or nil",
      summary: "Calls the function; a resource that does not exist gives nil instead of an error.",
      example: "print(missing_ok(get_gateway, list_gateways():first()) ~= nil)"),
    Entry(
      name: "moongate", signature: "moongate.NAME",
      summary: "Every name of the host, for scripts that hide one with a global of their own.",
      example: "for name in pairs(moongate) do print(name) end"),
    Entry(
      name: "now", signature: "now() → timestamp", summary: "The present instant.", example: "print(now())"),
    Entry(
      name: "older_than", signature: "older_than(timestamp or nil, duration) → boolean",
      summary: "Whether an instant lies further back than that; a missing one is older than anything.",
      example: #"print(older_than(list_virtual_machines():first().LastBackupDate, "7d"))"#),
    Entry(
      name: "parallel",
      signature: "parallel(items, f, {limit=32, on_error=\"raise\"|\"collect\", label=}) → results, errors",
      summary:
        "Calls f with each item, several at a time; results[i] belongs to the i-th item, results.n is their "
        + "number. The first error ends it, or with \"collect\" errors[i] has them. Listings have it as a method.",
      example: #"local tags = list_virtual_machines():take(5):parallel(list_tags_for_resource) print(tags.n)"#
    ),
    Entry(
      name: "parse_arn", signature: "parse_arn(ARN or record) → table",
      summary:
        "The parts of an ARN: partition, service, region, account, kind, id and resource; arn is all of it.",
      example: """
        local arn = parse_arn(list_gateways():first())
        print(arn.region, arn.account, arn.kind, arn.id)
        """),
    Entry(
      name: "require", signature: "require(name) → module",
      summary:
        "Runs NAME.lua once and gives what it returns: from the script's folder, else from "
        + "~/.local/share/moongate/modules, else a module of Moongate's: json, output, chart, tags, time.",
      example: #"local json = require "json" print(json.encode{ 1, 2 })"#),
    Entry(
      name: "same", signature: "same(a, b) → boolean",
      summary:
        "Whether two records or tables hold the same, however deep; == asks whether they are one table.",
      example: """
        local gw = list_gateways():first()
        print(same(get_gateway(gw), get_gateway(gw)))
        """),
    Entry(
      name: "secret", signature: "secret(text) → secret",
      summary:
        "Asks for a secret without showing it, or takes it from --secret; only parameters that are kept secret accept it.",
      example: """
        local password = secret("vCenter password")
        update_hypervisor(list_hypervisors():first(), { Password = password })
        """),
    Entry(
      name: "session",
      signature:
        "session.profile, .region, .account, .endpoint, .name, .dry_run, .last; .explain(), .whoami()",
      summary:
        "Whom the operations talk to; explain() tells where each setting came from, whoami() asks STS.",
      example: "list_gateways():first() print(session.name, session.last.request_id) session.explain()"),
    Entry(
      name: "shard", signature: "shard(array or listing) → this job's part of it",
      summary:
        "Keeps this run's part of the work: of --shard 2/8, MOONGATE_SHARD, or what AWS Batch, Slurm and others set; else all.\n"
        + "  A fleet has the targets of its part already.",
      example: "print(shard(list_virtual_machines()):count())"),
    Entry(
      name: "sleep", signature: "sleep(duration)", summary: "Waits so long.", example: #"sleep("2s")"#),
    Entry(
      name: "spawn", signature: "spawn(f, …) → task; task:wait() → what f returned",
      summary:
        "Begins f beside what runs, at the next wait; task:wait() gives its results or raises its error. "
        + "A run ends when all its tasks have ended.",
      example: #"local task = spawn(function() return list_gateways():count() end) print(task:wait())"#),
    Entry(
      name: "tags",
      signature:
        "tags.get(resource), tags.map(list) → { key = value }; tags.list(map) → list; tags.has(map, text)",
      summary: "AWS tags as a table by key, and back to the list that tag_resource takes.",
      example: """
        local of = tags.get(list_virtual_machines():first())
        for key, value in pairs(of) do print(key, value) end
        for _, tag in ipairs(tags.list{ team = "db" }) do print(tag.Key, tag.Value) end
        """),
    Entry(
      name: "timestamp", signature: "timestamp(text or epoch seconds, zone?) → timestamp",
      summary:
        "The instant that an ISO 8601 text names; ts:format(form, zone), ts:date(zone) and ts:ago() tell it.\n"
        + "  With a zone, a text without one is what the clocks there show.",
      example: #"print(timestamp("2022-09-22T08:30:00Z"):format("%a %d %b %H:%M %Z", "Europe/Berlin"))"#),
    Entry(
      name: "usage", signature: "usage(text)",
      summary: "Ends the run as wrong arguments do: the text goes to stderr, the exit code is 252.",
      example: #"if list_gateways():count() > 1000 then usage("say which one, with --gateway") end"#),
    Entry(
      name: "use", signature: "use(session)",
      summary: "Makes a session the current one, which the operations act on.",
      example: #"use(connect{ region = "eu-central-1" }) print(session.region, list_gateways():count())"#),
    Entry(
      name: "wait",
      signature:
        "wait(f, arg, {field=, is=, never=, ready=, every=\"10s\", timeout=\"10m\", settle=}) → last result",
      summary:
        "Calls f(arg) again and again until a member is what it should be, or ready(result) is true. is and "
        + "never are a value, a list or a function; until settle is over nothing counts.",
      example:
        #"local gw = list_gateways():first() wait(get_gateway, gw.GatewayArn, { field = "GatewayType", is = "BACKUP_VM" })"#
    ),
    Entry(
      name: "wait_until",
      signature: "wait_until(f, {every=\"10s\", timeout=\"10m\", settle=, label=}) → its result",
      summary: "Calls f again and again until it returns something other than nil and false.",
      example: #"wait_until(function() return list_gateways():first() end, { every = "1s", timeout = "1m" })"#
    ),
  ]
}
