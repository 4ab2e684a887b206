# Output that somebody looks at: pictures, tables that fit a terminal, progress, what the prompt shows. The forms that programs
# read are in test_output.py.
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import xml.dom.minidom

import pytest

from moongate import BINARY, PATIENCE, ROOT, default_signals, shell_code
from output import run


# Pictures


def test_pictures_are_well_formed(moongate):
    code = """
      local vms = list_virtual_machines():collect()
      local all = {
        chart.bar(items(vms):group("HypervisorId"), "key", function(g) return #g.items end, { title = "<&\\27>", unit = "VMs" }),
        chart.histogram(vms, "LastBackupDate"), chart.spark{ 1, 5, 2 }, chart.bar({}, "a", "b"), chart.spark{},
        chart.histogram{}, chart.timeline({}, "a", "b"), chart.timeline(vms, "Name", "LastBackupDate"),
        chart.timeline({ { n = "a", s = ago("2h") } }, "n", { start = "s", stop = "e" }),
      }
      for _, picture in ipairs(all) do
        print(json.encode(picture:svg()))
      end
    """
    pictures = [json.loads(line) for line in run(moongate, code).splitlines()]
    assert len(pictures) == 9
    for picture in pictures:
        root = xml.dom.minidom.parseString(picture).documentElement
        assert root.tagName == "svg" and root.getElementsByTagName("title")[0].firstChild.data


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}], ids=str)
def test_pictures_are_ascii_where_nothing_else_is_wanted(moongate, environment):
    code = "print(chart.bar({ { n = 'a', v = 3 } }, 'n', 'v')) print(chart.spark{ 1, 2, 3 })"
    plain = moongate("--local", "-e", code, env=environment).stdout
    assert plain.isascii() and "#" in plain
    assert "█" in moongate("--local", "-e", code).stdout


def test_what_a_chart_cannot_draw(moongate):
    for call, words in [
        ("chart.bar({ { n = 'a', v = 'x' } }, 'n', 'v')", "chart.bar: row 1, column v: a string cannot be drawn"),
        ("chart.bar({ { n = 'a', v = 1/0 } }, 'n', 'v')", "inf cannot be drawn"),
        ("chart.spark({ 1 }, { colour = 'red' })", "there is no option colour; there is ascii, title, unit, width"),
        ("chart.spark{ 1 }.svg('x')", "with a colon"), ("print(chart.spark{ 1 }.png)", "it has :text() and :svg("),
        ("print(chart.histogram{ 1, now() })", "not some of each"),
    ]:
        result = moongate("--local", "-e", call)
        assert result.code == 252 and words in result.stderr, result.stderr


# Terminals


class Terminal:
    """A run on a pseudo-terminal of its own; `text` is all that it wrote."""

    def __init__(self, moongate, *arguments, width=80, env=None):
        self.master, slave = pty.openpty()
        import fcntl, struct, termios

        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self.process = subprocess.Popen(
            [BINARY, "--local", *arguments], cwd=moongate.folder, stdin=slave, stdout=slave, stderr=slave,
            env=moongate.environment({"TERM": "xterm", **(env or {})}), preexec_fn=default_signals, start_new_session=True)
        os.close(slave)
        self.text = ""

    def read(self, until=None, after=""):
        deadline = time.monotonic() + PATIENCE
        while until is None or until not in (self.text.rpartition(after)[2] if after else self.text):
            assert time.monotonic() < deadline, f"no {until!r} in {self.text!r}"
            if not select.select([self.master], [], [], 1)[0]:
                continue
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError:  # the end
                assert until is None or until in self.text, f"no {until!r} in {self.text!r}"
                break
        return self.text

    def end(self):
        self.read()
        os.close(self.master)
        return self.process.wait(PATIENCE)


def screen(text):
    """The lines that stay, as a terminal that knows \\r and ESC[K has them."""
    lines = [""]
    for part in text.replace("\r\n", "\n").split("\n"):
        lines[-1] = ""
        for piece in part.split("\r"):
            lines[-1] = "" if piece.startswith("\x1b[K") else piece.replace("\x1b[K", "") or lines[-1]
            if piece.startswith("\x1b[K") and len(piece) > 3:
                lines[-1] = piece[3:]
        lines.append("")
    return lines[:-1]


@pytest.mark.parametrize("width", [200, 80, 40])
def test_a_table_fits_the_terminal(moongate, width):
    run = Terminal(moongate, "-e", "show(list_virtual_machines():take(5))", width=width)
    assert run.end() == 0
    import unicodedata

    for line in run.text.splitlines():
        columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line if not unicodedata.combining(c))
        assert columns <= width, line
    assert ("\r\n\r\n" in run.text) == (width == 40), "records where columns cannot fit"


def test_names_do_not_drive_the_terminal(moongate):
    code = "local r = { { n = 'a\\27[2J\\u{9b}1m\\u{202e}b\\nc' } } show(r) output.json(r) print(chart.bar(r, 'n', function() return 1 end))"
    run = Terminal(moongate, "-e", code)
    assert run.end() == 0 and "\x1b" not in run.text and "\u009b" not in run.text and "\u202e" not in run.text


def test_a_bar_makes_room_for_what_is_printed(moongate):
    code = """
      for i in progress({ 1, 2, 3, 4, 5, 6 }, { label = "work" }) do
        print("line " .. i) io.stderr:write("error ", i, "\\n") sleep(0.15)
      end
      print("end")
    """
    run = Terminal(moongate, "-e", code)
    assert run.end() == 0 and "work  " in run.text and "/6" in run.text
    expected = [text for i in range(1, 7) for text in (f"line {i}", f"error {i}")] + ["end", ""]
    assert screen(run.text) == expected, run.text


@pytest.mark.parametrize("end", ["error('stop', 0)", "exit(3)", "break"])
def test_a_bar_goes_away_however_it_ends(moongate, end):
    run = Terminal(moongate, "-e", f"for i in progress({{ 1, 2 }}, {{ label = 'work' }}) do sleep(0.3) {end} end")
    run.end()
    assert "work" in run.text and not any("work" in line for line in screen(run.text)), run.text


def test_a_bar_goes_away_on_ctrl_c(moongate):
    run = Terminal(moongate, "-e", "for i in progress({ 1, 2 }, { label = 'work' }) do sleep(60) end")
    run.read(until="work")
    run.process.send_signal(signal.SIGINT)
    assert shell_code(run.end()) == 130 and not any("work" in line for line in screen(run.text)), run.text


def test_elsewhere_progress_is_a_line_now_and_then(moongate):
    code = "for i in progress(parallel({ 1, 2, 3 }, function(i) return i ~= 2 and i or nil end), { label = 'work' }) do sleep(2.6) end"
    dumb = Terminal(moongate, "-e", code, env={"TERM": "dumb"})
    result = moongate("--local", "-e", code)
    assert (result.code, result.stdout) == (0, "") and re.fullmatch(r"(work: 1 of 2 .*\n)*work: 2 of 2 in \d+s\n", result.stderr), result.stderr
    assert dumb.end() == 0 and dumb.text.endswith("s\r\n") and "work: 2 of 2 in " in dumb.text, dumb.text


def test_what_is_over_soon_says_nothing_where_there_is_no_bar(moongate):
    """Cron mailed `tags: 250 of 250 in 0s` every night."""
    result = moongate("--local", "-e", "for vm in progress(list_virtual_machines(), { label = 'vms', total = 250 }) do end")
    assert (result.code, result.stdout, result.stderr) == (0, "", "")


def test_the_pictures_of_the_documentation_are_what_is_drawn(moongate):
    folder = ROOT / "docs/pictures"
    run(moongate, (folder / "make.lua").read_text().replace("...", '"."'), "--grant", f"write={moongate.folder}")
    for picture in folder.glob("*.svg"):
        assert (moongate.folder / picture.name).read_text() == picture.read_text(), picture.name


# The prompt


def test_what_the_prompt_shows_is_bounded(moongate):
    run = Terminal(moongate)
    run.read(until="us-east-1>")  # what is typed before the prompt is thrown away
    for line, end in [
        ("('x'):rep(1000000)", "-- more"), ("(function() local t = {} for i = 1, 5000 do t[i] = { n = i } end return t end)()", "-- more"),
        ("#_", "5000"),
    ]:
        run.text = ""
        os.write(run.master, line.encode() + b"\r")
        run.read(until=end)
        assert len(run.text) < 80_000
        os.write(run.master, b"q" if "more" in end else b"")
        run.read(until="us-east-1>", after=end)
    os.write(run.master, b"\x04")
    assert run.end() == 0
