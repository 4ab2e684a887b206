// The pages of what only tests of scripts have.

extension Help {
  static let ofTests: [Entry] = [
    Entry(
      name: "run",
      signature:
        "run{ FILE, ARGUMENT…, allow =, secrets =, output =, dry_run =, own =, grant = } → { code =, stdout =, stderr =, files = }",
      summary:
        "Runs a script in the world of a test, as shared code or with own = true as the operator's own. files[NAME] is "
        + "the text of a file that it wrote. There in the "
        + "files of moongate test only.",
      example: """
        function test_it_finds_none()
          local r = run{ "stale.lua", "--age", "30d", allow = { "TagResource" } }
          assert(r.code == 0, r.stderr)
        end
        """),
    Entry(
      name: "clock", signature: "clock.set(timestamp) → timestamp; clock.advance(duration) → timestamp",
      summary:
        "The clock of a test, its scripts and its world, which stands still until it is moved; sleep and wait move it "
        + "too. There in the files of moongate test only.",
      example: """
        function test_a_week_later()
          clock.advance("7d")
        end
        """),
    Entry(
      name: "clock.set", signature: "clock.set(timestamp) → timestamp",
      summary: "Sets the clock of a test and its world; a text is read as timestamp() reads it.",
      example: """
        function test_at_midnight()
          clock.set("2026-07-01T00:00:00Z")
        end
        """),
    Entry(
      name: "clock.advance", signature: "clock.advance(duration) → timestamp",
      summary: "Moves the clock of a test and its world on.",
      example: """
        function test_two_hours_later()
          clock.advance("2h")
        end
        """),
  ]
}
