# What the documentation shows is run: every block of Lua in README.md and docs/, every command with its output, and the
# example of every page of help().
#
#   ```lua            is run against --local, with every write allowed; it ends with 0 or with a code of its own
#   ```lua NAME.lua   is run too, and is there as NAME.lua for the commands of the same page
#   ```json NAME.json is there for them, as are files of other kinds; ~/NAME is in the reader's home
#   <!-- lua: CODE --> before a block, unseen by readers, gives it what it speaks of
#   ```lua norun      is only shown: it needs what a test has not, and the text around it says what
#   ```console        each line `$ …moongate …` is run, and prints what stands below it; … stands for any text
#   ```console norun  is only shown
#   ```console prompt is a session at the prompt, which Tests/Terminal holds against the shell, as it does those that begin
#                     with `moongate --local`
#   ```console story  belongs to the story of its page: all such blocks in turn, in one home, any command of theirs, and
#                     each file where the story has come to when the page shows it
#   <!-- sh: CODE --> unseen by readers, is done before the story
#   ```crontab        is part of the story: its commands are run as cron runs them, and print what ```text mail shows
import re

import pytest

from moongate import ROOT
from pages import PAGES, Reader, blocks, commands, printed, provide, provide_block

WRITES = [
    "AssociateGatewayToServer", "CreateGateway", "DeleteGateway", "DeleteHypervisor", "DisassociateGatewayFromServer",
    "ImportHypervisorConfiguration", "PutBandwidthRateLimitSchedule", "PutHypervisorPropertyMappings",
    "PutMaintenanceStartTime", "StartVirtualMachinesMetadataSync", "TagResource", "TestHypervisorConfiguration",
    "UntagResource", "UpdateGatewayInformation", "UpdateGatewaySoftwareNow", "UpdateHypervisor",
]  # fmt: skip
ALLOWED = [word for name in WRITES for word in ("--allow", name)]


def cases(kind):
    return [
        pytest.param(page, text, id=f"{page.name}:{line}")
        for page in PAGES
        for line, words, text in blocks(page)
        if words[:1] == [kind] and not {"norun", "story", "prompt"} & set(words)
    ]


@pytest.mark.parametrize("page, text", cases("lua"))
def test_a_block_of_lua_runs(moongate, page, text):
    provide(moongate, page)
    moongate.write("block.lua", text)
    moongate.write("secret", "a-password")
    secrets = re.findall(r'\bsecret\("([^"]+)"\)', text)
    given = [word for name in secrets for word in ("--secret", f"{name}=@secret")]
    result = moongate("--local", "--grant", "read=.", "--grant", "write=.", *given, *ALLOWED, "block.lua")
    assert result.code == 0 or 2 <= result.code <= 125, result.stderr


@pytest.mark.parametrize("page, text", cases("console"))
def test_a_command_prints_what_is_shown(moongate, page, text):
    provide(moongate, page)
    for command, lines in commands(text):
        command = re.sub(r"(^|[|;&] *)(\./scripts/)?moongate\b", r'\1"$MOONGATE"', command)
        assert '"$MOONGATE"' in command, command
        printed(command, moongate.shell(f"{{ {command.partition(' #')[0]}; }} 2>&1").stdout, lines)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any("story" in words for _, words, _ in blocks(page))], ids=lambda page: page.name
)
def test_a_story_goes_as_it_is_told(moongate, page):
    reader, mail = Reader(moongate), ""
    for command in re.findall(r"^<!-- sh: (.*) -->$", page.read_text(), re.M):
        reader.run(command)
    for _, words, text in blocks(page):
        provide_block(moongate, words, text, reader.folder)
        if words[:1] == ["crontab"]:
            mail += reader.cron(text)
        if words == ["console", "story"]:
            for command, lines in commands(text):
                printed(command, reader.run(command), lines)
        if words == ["text", "mail"]:
            printed("mail", mail, text.splitlines())


def test_every_command_that_is_shown_is_run_or_marked():
    for page in PAGES:
        for line, words, text in blocks(page):
            if re.search(r"^\$ .*\bmoongate\b", text, re.M):
                assert words[:1] == ["console"], f"{page.name}:{line}: write ```console, or ```console norun"


def test_the_index_has_every_page():
    index = (ROOT / "docs/README.md").read_text()
    listed = re.findall(r"^\| .* \| \[([\w-]+\.md)\]\(\1\) \|$", index, re.M)
    assert sorted(listed) == sorted(page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md")


def test_a_page_opens_with_what_it_is_for():
    for page in PAGES[1:]:
        opening = re.match(r"# [A-Z].*\n\s*(?:<!--.*-->\s*)*(.*)\n", page.read_text())
        assert opening and re.match(r"[A-Z`]", opening[1]), page.name


# Help


# All that a script can name: the globals, what the tables among them hold, and the methods that objects have.
EXPORTED = """
for name, value in pairs(moongate) do
  if name ~= "moongate" then
    print(name)
    if type(value) == "table" then for inner in pairs(value) do print(name .. "." .. inner) end end
  end
end
"""
METHODS = {
    "listing:": (ROOT / "Sources/Host/Language/listings.lua", r"^function methods:(\w+)"),
    "timestamp:": (ROOT / "Sources/Host/Time/timestamp_methods.lua", r"^function timestamp_methods\.(\w+)"),
    "task:": (ROOT / "Sources/Host/Tasks/tasks.lua", r"^function methods:(\w+)"),
    "fleet:": (ROOT / "Sources/Host/Sessions/fleets.lua", r"^  (targets|errors) = function"),
}


def names(moongate):
    found = moongate("--local", "-e", EXPORTED).stdout.split()
    for prefix, (chunk, pattern) in METHODS.items():
        methods = re.findall(pattern, chunk.read_text(), re.M)
        assert methods, prefix
        found += [prefix + name for name in methods]
    return sorted(found + ["session.explain", "session.whoami", "session.last", "session.dry_run", "changes:run"])


def test_every_topic_and_the_overview_are_there(moongate):
    for name in "keys", "prompt", "errors", "operations", "listing":
        assert len(moongate("doc", name).stdout.splitlines()) > 5
    overview = moongate("doc").stdout
    assert all(name in overview for name in names(moongate) if not re.search("[.:]", name))
    assert max(map(len, overview.splitlines())) < 100 and len(overview.splitlines()) <= 48


def test_every_name_has_a_page_with_an_example_that_runs(moongate):
    moongate.write("secret", "a-password")
    given = ["--secret", "vCenter password=@secret"]
    failed, seen = [], names(moongate)
    assert len(seen) > 90
    for name in seen:
        page = moongate("doc", name)
        example = re.match(r"(?:  .*\n|\n)*", page.stdout.partition("\nExample\n")[2])[0]
        if page.code != 0 or not example.strip():
            failed.append(f"{name}: no page with an example")
            continue
        moongate.write("example.lua", example)
        result = moongate("--local", "--grant", "read=.", "--grant", "write=.", *given, *ALLOWED, "example.lua")
        if result.code != 0 and not 2 <= result.code <= 125:
            failed.append(f"{name}: {result.stderr}")
    assert not failed, "\n".join(failed)
