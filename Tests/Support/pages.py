# The pages of the documentation as a test reads them: their fenced blocks, the files and commands in those, what the
# commands print, and somebody who does it all.
import re
import shlex
from pathlib import Path

from moongate import BINARY, ROOT, SANITIZER

# docs/lua-api.md has the examples of help(), which test_docs.py runs, and is held to be what the program says by
# test_reference.py.
PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - {ROOT / "docs/lua-api.md"})]


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


def provide_block(moongate, words, text, folder):
    """The file that a block shows, if it shows one by name."""
    for name in words[1:]:
        if name.startswith("~/") or name.endswith(f".{words[0]}"):
            path = moongate.home / name[2:] if name.startswith("~/") else folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o600)


def provide(moongate, page):
    """The scripts and other files that a page shows by name."""
    for _, words, text in blocks(page):
        provide_block(moongate, words, text, moongate.folder)


# What differs from run to run, and what stands for it: on the screens of the shell, and in what commands print.
VARYING_ON_SCREENS = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
]
VARYING = [
    *VARYING_ON_SCREENS,
    (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
    (r"\((\d+(\.\d+)?|…) s\)", "(SECONDS)"),
]


def masked(text, varying=VARYING):
    for pattern, name in varying:
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
