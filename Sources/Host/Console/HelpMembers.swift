// HelpMembers: what help says of the names inside names: the functions of a library, the methods of an object.

extension Help {
  static let members: [Entry] = listing + timestampMembers + sessionMembers + others + ofTests

  private static let listing: [Entry] = [
    Entry(
      name: "listing", signature: "for item in listing do … end",
      summary:
        "A query over pages, as list_virtual_machines() gives it: nothing is asked before a loop or a method runs it, and "
        + "each runs it again from its start.",
      example:
        "for vm in list_virtual_machines():filter(function(vm) return vm.LastBackupDate == nil end):take(3) do\n"
        + "  print(vm.Name)\nend"),
    Entry(
      name: "listing:first", signature: "listing:first() → item, or nil",
      summary: "The first item; one page is asked for, no more.",
      example: "print(list_gateways():first().GatewayDisplayName)"),
    Entry(
      name: "listing:take", signature: "listing:take(n) → listing",
      summary: "The first n items, in pages no larger than that.",
      example: "show(list_virtual_machines():take(3), { \"Name\", \"Path\" })"),
    Entry(
      name: "listing:filter", signature: "listing:filter(f) → listing",
      summary: "The items for which f(item) is true.",
      example:
        "print(list_virtual_machines():filter(function(vm) return older_than(vm.LastBackupDate, \"30d\") end):count())"
    ),
    Entry(
      name: "listing:map", signature: "listing:map(f) → listing",
      summary: "What f makes of each item; nil leaves the item out.",
      example:
        "for name in list_gateways():map(function(gw) return gw.GatewayDisplayName end) do print(name) end"),
    Entry(
      name: "listing:find", signature: "listing:find{ MEMBER = value } → item",
      summary: "The one item with these members; an error unless it is exactly one.",
      example: "print(list_hypervisors():find{ Name = \"vcenter-tokyo\" }.HypervisorArn)"),
    Entry(
      name: "listing:sort", signature: "listing:sort(member or f) → listing",
      summary: "In the order of a member, or of what f(item) gives; items without it come first.",
      example:
        "show(list_virtual_machines():sort(\"LastBackupDate\"):take(3), { \"Name\", \"LastBackupDate\" })"),
    Entry(
      name: "listing:group", signature: "listing:group(member or f) → array of { key =, items = }",
      summary: "The items by a member, in the order in which the keys are first seen.",
      example:
        "for _, group in ipairs(list_virtual_machines():group(\"HypervisorId\")) do\n  print(group.key, #group.items)\nend"
    ),
    Entry(
      name: "listing:index", signature: "listing:index(member or f) → { key = item }",
      summary: "A table of the items by a member.",
      example: "print(list_hypervisors():index(\"Name\")[\"vcenter-tokyo\"].State)"),
    Entry(
      name: "listing:count", signature: "listing:count() → number",
      summary: "How many items there are; all pages are asked for.",
      example: "print(list_virtual_machines():count())"),
    Entry(
      name: "listing:collect", signature: "listing:collect() → array",
      summary: "All items in an array of your own.",
      example: "local all = list_gateways():collect()\nprint(#all, all[1].GatewayDisplayName)"),
    Entry(
      name: "listing:pages", signature: "for page in listing:pages() do … end",
      summary: "The whole responses; page.NextToken, given to a new call, goes on from there.",
      example:
        "for page in list_virtual_machines{ MaxResults = 100 }:pages() do print(#page.VirtualMachines) end"),
    Entry(
      name: "listing:parallel", signature: "listing:parallel(f, options?) → results, errors",
      summary: "Calls f with each item, several at a time, as parallel(listing, f, options) does.",
      example: "print(list_virtual_machines():take(5):parallel(list_tags_for_resource).n)"),
  ]

  private static let timestampMembers: [Entry] = [
    Entry(
      name: "timestamp:format", signature: "ts:format(form, zone?) → text",
      summary:
        "The time as a text, in the form of os.date and in the time of a place; UTC when none is named.",
      example: "print(now():format(\"%Y-%m-%d %H:%M %Z\", \"Europe/Berlin\"))"),
    Entry(
      name: "timestamp:date", signature: "ts:date(zone?) → table",
      summary: "year, month, day, hour, min, sec and more, in the time of a place; UTC when none is named.",
      example: "print(now():date(\"Asia/Tokyo\").hour)"),
    Entry(
      name: "timestamp:ago", signature: "ts:ago() → text", summary: "How long ago it was, as 11d 4h.",
      example: "print(ago(\"30h\"):ago())"),
    Entry(
      name: "timestamp.epoch", signature: "ts.epoch → seconds",
      summary: "Seconds since 1970, for os.date and for numbers.",
      example: "print(os.date(\"!%F\", timestamp(\"2022-09-22T00:00:00Z\").epoch))"),
    Entry(
      name: "duration.text", signature: "duration.text(seconds or text) → text",
      summary: "A length of time in its two largest units, as 1d 12h.",
      example: "print(duration.text(129600))"),
  ]

  private static let sessionMembers: [Entry] = [
    Entry(
      name: "session.explain", signature: "session.explain()",
      summary: "Prints each setting of the session and where it came from.", example: "session.explain()"),
    Entry(
      name: "session.whoami", signature: "session.whoami() → { Account =, Arn =, UserId = }",
      summary: "Asks STS whose keys these are.",
      example: "print(session.profile) -- session.whoami() needs STS"),
    Entry(
      name: "session.last", signature: "session.last → table, or nil",
      summary: "operation, request_id, http_status, attempts and seconds of the latest call.",
      example: "list_gateways():first()\nprint(session.last.http_status, session.last.attempts)"),
    Entry(
      name: "session.profile", signature: "session.profile → text",
      summary: "The profile whose settings and keys it has.",
      example: "print(session.profile)"),
    Entry(
      name: "session.region", signature: "session.region → text", summary: "The region that it asks.",
      example: "print(session.region)"),
    Entry(
      name: "session.account", signature: "session.account → text, or nil",
      summary: "The account, once it is known from the configuration, a role or an answer.",
      example: "list_gateways():first()\nprint(session.account)"),
    Entry(
      name: "session.endpoint", signature: "session.endpoint → text", summary: "Where its requests go.",
      example: "print(session.endpoint)"),
    Entry(
      name: "session.name", signature: "session.name → text",
      summary: "profile/region/account, as far as the account is known.", example: "print(session.name)"),
    Entry(
      name: "session.dry_run", signature: "session.dry_run → boolean",
      summary: "Whether writes are shown instead of sent.", example: "print(session.dry_run)"),
    Entry(
      name: "fleet:targets", signature: "fleet:targets() → array of sessions",
      summary: "Every account and region that the fleet asks.",
      example: "print(#fleet{ regions = { \"us-east-1\", \"eu-central-1\" } }:targets())"),
    Entry(
      name: "fleet:errors", signature: "fleet:errors() → array of { name =, code =, message = }",
      summary: "The targets that were left out, and why.",
      example: "local f = fleet{ regions = { \"us-east-1\" } }\nprint(f.list_gateways():count(), #f:errors())"
    ),
  ]

  private static let others: [Entry] = [
    Entry(
      name: "task:wait", signature: "task:wait() → what the function returned",
      summary: "Waits until a spawned function has ended; raises its error.",
      example: "print(spawn(function() return list_gateways():count() end):wait())"),
    Entry(
      name: "changes:run", signature: "todo:run{ limit = 8 } → done, failed, withheld",
      summary: "Shows the collected writes, asks once, and sends them, several at a time.",
      example: "local todo = changes(\"Tag one\")\n"
        + "todo.tag_resource(list_gateways():first(), { Tags = tags.list{ team = \"db\" } })\nprint(#todo:run())"
    ),
    Entry(
      name: "tags.get", signature: "tags.get(resource) → { key = value }",
      summary: "The tags of a resource, by key.",
      example: "print(tags.get(list_gateways():first()).team)"),
    Entry(
      name: "tags.map", signature: "tags.map(list) → { key = value }",
      summary: "AWS's list of tags as a table by key.",
      example: "print(tags.map{ { Key = \"team\", Value = \"db\" } }.team)"),
    Entry(
      name: "tags.list", signature: "tags.list{ key = value } → list",
      summary: "A table by key as AWS's list of tags.",
      example: "print(tags.list{ team = \"db\" }[1].Key)"),
    Entry(
      name: "tags.has", signature: "tags.has(map, \"KEY\" or \"KEY=VALUE\") → boolean",
      summary: "Whether a map, as tags.get gives it, has a tag as a command line names it.",
      example: "print(tags.has({ stage = \"prod\" }, \"stage=prod\"))"),
    Entry(
      name: "json.encode", signature: "json.encode(value, { indent =, sort = }?) → text",
      summary: "JSON of a value.",
      example: "print(json.encode({ names = { \"a\", \"b\" } }, { indent = 2 }))"),
    Entry(
      name: "json.decode", signature: "json.decode(text) → value",
      summary: "The value of a JSON text; null is json.null, and of two members of one name the last counts.",
      example: "print(json.decode('{\"names\":[\"a\",\"b\"]}').names[2])"),
    Entry(
      name: "json.array", signature: "json.array{ … } → list",
      summary: "A list that is written as [] when it is empty.",
      example: "print(json.encode{ names = json.array{} })"),
    Entry(
      name: "json.null", signature: "json.null", summary: "JSON's null, which a table can hold.",
      example: "print(json.encode{ owner = json.null })"),
    Entry(
      name: "output.table", signature: "output.table(rows, columns?, { to =, width = }?)",
      summary: "Writes rows as a table that fits the screen.",
      example: "output.table(list_gateways(), { \"GatewayDisplayName\", \"LastSeenTime\" })"),
    Entry(
      name: "output.json", signature: "output.json(rows, columns?, { to =, indent = }?)",
      summary: "Writes rows as one JSON array.",
      example: "output.json(list_gateways())"),
    Entry(
      name: "output.jsonl", signature: "output.jsonl(rows, columns?, { to = }?)",
      summary: "Writes rows as JSON, one a line.",
      example: "output.jsonl(list_hypervisors(), { \"Name\", \"State\" })"),
    Entry(
      name: "output.csv", signature: "output.csv(rows, columns?, { to = }?)",
      summary: "Writes rows as CSV (RFC 4180).",
      example: "output.csv(list_gateways(), { \"GatewayDisplayName\", { \"Seen\", \"LastSeenTime\" } })"),
    Entry(
      name: "output.yaml", signature: "output.yaml(rows, columns?, { to = }?)",
      summary: "Writes rows as YAML.",
      example: "output.yaml(list_gateways():first())"),
    Entry(
      name: "output.lua", signature: "output.lua(rows, columns?, { to =, indent = }?)",
      summary: "Writes rows as a literal of Lua that loads back to the same data.",
      example: "output.lua(list_hypervisors(), { \"Name\", \"State\" })"),
    Entry(
      name: "output.format", signature: "output.format(form, rows, columns?) → text",
      summary: "The text that the other functions would write; form is \"csv\", \"json\" and so on.",
      example: "print(#output.format(\"csv\", list_gateways()))"),
    Entry(
      name: "chart.bar", signature: "chart.bar(rows, label, value, options?) → chart",
      summary: "A bar for each row.",
      example: "show(chart.bar(list_hypervisors(), \"Name\", function(h) return #h.Name end))"),
    Entry(
      name: "chart.histogram", signature: "chart.histogram(rows, value?, options?) → chart",
      summary: "How often values occur, in bins.",
      example: "show(chart.histogram({ 1, 2, 2, 3, 3, 3 }, { bins = 3 }))"),
    Entry(
      name: "chart.spark", signature: "chart.spark(rows, value?, options?) → chart",
      summary: "Values in a row, as high as they are.",
      example: "show(chart.spark{ 1, 5, 2, 8 })"),
    Entry(
      name: "chart.timeline",
      signature: "chart.timeline(rows, label, time or { start =, stop = }, options?) → chart",
      summary: "A point or a span in time for each row.",
      example: "show(chart.timeline(list_gateways(), \"GatewayDisplayName\", \"LastSeenTime\"))"),
    Entry(
      name: "chart:text", signature: "chart:text() → text", summary: "The chart as the terminal draws it.",
      example: "print(#chart.spark{ 1, 5, 2 }:text())"),
    Entry(
      name: "chart:svg", signature: "chart:svg(file?) → text",
      summary: "Writes the chart as SVG, or gives it.",
      example: "print(chart.spark{ 1, 5, 2 }:svg():sub(1, 4))"),
  ]
}
