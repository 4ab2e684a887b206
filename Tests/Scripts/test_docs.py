# What the documentation shows is run: every block of Lua in README.md and docs/, every command with its output, and the
# example of every page of help().
#
#   ```lua            is run against --local, with every write allowed; it ends with 0 or with a code of its own
#   ```lua NAME.lua   is run too, and is there as NAME.lua for the commands of the same page
#   ```json NAME.json is there for them, as are files of other kinds; ~/NAME is in the reader's home
#   <!-- lua: CODE --> before a block, unseen by readers, gives it what it speaks of
#   ```lua norun      is only shown: it needs what a test has not, and the text around it says what
#   ```console        each line `$ …moongate …` is run, and prints what stands below it; … stands for any text
#   ```console norun  is only shown; a session at the prompt is held against the shell by Tests/Terminal
#   ```console story  belongs to the story of its page: all such blocks in turn, in one home, any command of theirs, and
#                     each file where the story has come to when the page shows it
#   ```crontab        is part of the story: its commands are run as cron runs them, and print what ```text mail shows
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from moongate import BINARY, ROOT, SANITIZER

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITES = [
    "AssociateGatewayToServer", "CreateGateway", "DeleteGateway", "DeleteHypervisor", "DisassociateGatewayFromServer",
    "ImportHypervisorConfiguration", "PutBandwidthRateLimitSchedule", "PutHypervisorPropertyMappings",
    "PutMaintenanceStartTime", "StartVirtualMachinesMetadataSync", "TagResource", "TestHypervisorConfiguration",
    "UntagResource", "UpdateGatewayInformation", "UpdateGatewaySoftwareNow", "UpdateHypervisor",
]  # fmt: skip
ALLOWED = [word for name in WRITES for word in ("--allow", name)]


def blocks(page):
    """The fenced blocks of a page: line, words behind the fence, text behind what the comments before it give."""
    found, begun, given = [], None, ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = re.match(r"```(.*)$", line)
        setup = re.fullmatch(r"<!-- lua: (.*) -->", line)
        if begun:
            if fence:
                found.append((*begun, text))
                begun, given = None, ""
            else:
                text += f"{line}\n"
        elif fence:
            begun, text = (number, fence[1].split()), given
        else:
            given = f"{given}{setup[1]} " if setup else ""
    assert begun is None, f"{page.name}:{begun and begun[0]}: a block has no end"
    return found


def cases(kind):
    return [
        pytest.param(page, text, id=f"{page.name}:{line}")
        for page in PAGES
        for line, words, text in blocks(page)
        if words[:1] == [kind] and not {"norun", "story"} & set(words)
    ]


def provide_block(moongate, words, text, folder):
    """The file that a block shows, if it shows one by name."""
    for name in words[1:]:
        if name.startswith("~/") or name.endswith(f".{words[0]}"):
            path = moongate.home / name[2:] if name.startswith("~/") else folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def provide(moongate, page):
    """The scripts and other files that a page shows by name."""
    for _, words, text in blocks(page):
        provide_block(moongate, words, text, moongate.folder)


@pytest.mark.parametrize("page, text", cases("lua"))
def test_a_block_of_lua_runs(moongate, page, text):
    provide(moongate, page)
    moongate.write("block.lua", text)
    moongate.write("secret", "a-password")
    secrets = re.findall(r'\bsecret\("([^"]+)"\)', text)
    given = [word for name in secrets for word in ("--secret", f"{name}=@secret")]
    result = moongate("--local", "--grant", "read=.", "--grant", "write=.", *given, *ALLOWED, "block.lua")
    assert result.code == 0 or 2 <= result.code <= 125, result.stderr


def commands(text):
    """The commands of a console block, each with the lines that it prints."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, f"a console block begins with a command, not with {line!r}"
            found[-1][1].append(line)
    return found


@pytest.mark.parametrize("page, text", cases("console"))
def test_a_command_prints_what_is_shown(moongate, page, text):
    provide(moongate, page)
    for command, lines in commands(text):
        command = re.sub(r"(^|[|;&] *)(\./scripts/)?moongate\b", r'\1"$MOONGATE"', command)
        assert '"$MOONGATE"' in command, command
        printed(command, moongate.shell(f"{{ {command.partition(' #')[0]}; }} 2>&1").stdout, lines)


# What differs from run to run, and what stands for it.
VARYING = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\((\d+\.\d\d|…) s\)", "(SECONDS)"),
]


def masked(text):
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def printed(command, text, lines):
    """What a command printed is what the page shows below it."""
    expected = masked("".join(f"{line}\n" for line in lines))
    # How far it is, is told only where it takes some seconds, as on a machine that has much else to do.
    seen = masked(re.sub(r"^\w+: \d+ of \d+ (\(\d+ %\).*|in .*)\n", "", text, flags=re.M))
    pattern = re.escape(expected).replace("…", ".*")
    assert re.fullmatch(pattern, seen, re.S), f"$ {command}\n{text}\ninstead of\n{expected}"


class Reader:
    """Somebody who does what a page tells from its beginning, with `moongate` installed below ~/.local."""

    def __init__(self, moongate):
        self.moongate, self.folder = moongate, moongate.home
        program = moongate.home / ".local/bin/moongate"
        program.parent.mkdir(parents=True)
        program.symlink_to(BINARY)
        self.path = f"{program.parent}:{moongate.environment()['PATH']}"

    def run(self, command):
        """Runs a command as an interactive shell would: a `cd` holds for the next ones. What it printed."""
        place = self.moongate.folder / "place"
        result = self.moongate.shell(
            f"cd {shlex.quote(str(self.folder))} && {{ {command}\n}} 2>&1; pwd >{shlex.quote(str(place))}",
            env={"PATH": self.path},
        )
        self.folder = Path(place.read_text().strip())
        return result.stdout.replace(str(self.moongate.home), "/home/you")

    def cron(self, table):
        """Runs each command of a crontab once, with the little that cron gives it. What they printed, as cron mails it."""
        settings = {**SANITIZER, "HOME": self.moongate.home, "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
        output = ""
        for line in table.splitlines():
            setting = re.fullmatch(r"(\w+)=(.*)", line)
            entry = re.fullmatch(r"(?:[\d*,/-]+ +){5}(.+)", line)
            if setting:
                settings[setting[1]] = setting[2]
            elif line and not line.startswith("#"):
                assert entry and "%" not in entry[1], f"cron would not run {line!r} as it stands"
                words = [f"{name}={value}" for name, value in settings.items()]
                output += self.moongate.shell(f"cd && exec env -i {shlex.join([*words, 'sh', '-c', entry[1]])} 2>&1").stdout
        return output


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any("story" in words for _, words, _ in blocks(page))], ids=lambda page: page.name
)
def test_a_story_goes_as_it_is_told(moongate, page):
    reader, mail = Reader(moongate), ""
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


# IAM

GUIDE = ROOT / "docs/guide.md"
KINDS = {"gateway", "hypervisor", "vm"}


def operations(*access):
    """AWS's names of the model's operations of an access level."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "Sources/BackupGateway/Model").glob("*Operations.swift")))
    found = re.findall(r'Operation\(\s*"(\w+)", \.(\w+)', sources)
    assert len(found) == 25
    return sorted(name for name, level in found if level in access)


def statements(name):
    (text,) = [text for _, words, text in blocks(GUIDE) if name in words]
    policy = json.loads(text)
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for field in "Action", "Resource":
            if isinstance(statement[field], str):
                statement[field] = [statement[field]]
    return policy["Statement"]


@pytest.mark.parametrize("name, access", [("read-policy.json", ["read"]), ("write-policy.json", ["write", "tagging"])])
def test_a_policy_allows_the_operations_of_its_kind_and_no_others(name, access):
    actions = sorted(action for statement in statements(name) for action in statement["Action"])
    expected = [f"backup-gateway:{operation}" for operation in operations(*access)]
    assert [action for action in actions if action != "iam:PassRole"] == expected


@pytest.mark.parametrize("name", ["read-policy.json", "write-policy.json"])
def test_a_policy_names_the_resources_that_its_operations_take(moongate, name):
    for statement in statements(name):
        if statement["Action"] == ["iam:PassRole"]:
            assert all(re.fullmatch(r"arn:aws:iam::\d{12}:role/[\w-]+", arn) for arn in statement["Resource"])
            assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "backup-gateway.amazonaws.com"}}
            continue
        wanted = set()
        for action in statement["Action"]:
            signature = moongate("doc", action.partition(":")[2]).stdout
            kinds = {
                kind
                for parameter, kind in {"GatewayArn": "gateway", "HypervisorArn": "hypervisor", "ServerArn": "hypervisor"}.items()
                if re.search(rf"^  {parameter} +required", signature, re.M)
            }
            if re.search(r"^  Resource(Arn|ARN) +required", signature, re.M):
                kinds = {"vm"} if action.endswith(":GetVirtualMachine") else KINDS
            wanted |= kinds
        arns = [
            re.fullmatch(r"arn:aws:backup-gateway:[a-z]+-[a-z]+-\d:\d{12}:(\w+)/\*", arn) for arn in statement["Resource"]
        ]
        if wanted:
            assert all(arns) and {arn[1] for arn in arns} == wanted, statement["Sid"]
        else:
            assert statement["Resource"] == ["*"], statement["Sid"]


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
