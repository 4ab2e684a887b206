// OutputHelp: what help says of output, JSON, pictures and progress.

extension Help {
  static let output: [Entry] = [
    Entry(
      name: "chart",
      signature: "chart.bar(rows, label, value, options?)\nchart.histogram(rows, value?, options?)\n"
        + "chart.spark(rows, value?, options?)\nchart.timeline(rows, label, time or { start =, stop = }, options?)",
      summary:
        "Pictures of rows. show(chart) draws it; chart:text() and chart:svg(\"picture.svg\") give it away.\n"
        + "  label, value and time are paths or functions, as columns are. Options: title, unit, width, ascii; bins.",
      example: #"show(chart.bar(list_hypervisors(), "Name", function(h) return #h.Name end))"#),
    Entry(
      name: "json",
      signature: "json.encode(value, { indent =, sort = }?) → text; json.decode(text) → value\n"
        + "json.array{ … } → a list, [] when it is empty; json.null",
      summary:
        "JSON (RFC 8259) from a value, and back. null is json.null; of two members of one name the last counts.",
      example: #"print(json.encode({ names = json.array{}, at = now() }))"#),
    Entry(
      name: "output",
      signature:
        "output.table, .json, .jsonl, .csv, .yaml, .lua(rows, columns?, { to = FILE, width =, indent =, title =, summary = }?)\n"
        + "output.format(form, rows, columns?, options?) → text",
      summary: "Writes a record, an array, a listing or an iterator in one form, to stdout or to a file.\n"
        + "  A column is a path, or { title, path or function(row), align = \"left\"|\"right\"|\"center\" }.",
      example: #"output.csv(list_gateways(), { "GatewayDisplayName", { "Seen", "LastSeenTime" } })"#),
    Entry(
      name: "progress", signature: "for item in progress(items, { label =, total = }?) do",
      summary:
        "The items of an array, a listing or an iterator, with a bar on stderr that shows how far it is.",
      example:
        "local n = 0\nfor vm in progress(list_virtual_machines(), { label = \"machines\" }) do n = n + 1 end"),
    Entry(
      name: "show", signature: "show(value, columns?, { title =, summary = }?)",
      summary:
        "Prints rows as --output says: a table on a terminal, JSON elsewhere. Columns and options are those of output:\n"
        + "  a title stands above a table, a summary, which is a line or several, below it; other forms have neither.",
      example: #"show(list_hypervisors(), { "Name", "State" })"#),
  ]
}
