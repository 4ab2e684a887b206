"""The text in an editor, with .edit, and keys of one's own, from .editrc."""

import re
import shlex
import time

import pytest

from terminal import BINARY, PROMPT


# ---- .edit ----


@pytest.fixture
def editor(tmp_path):
    """An editor that runs a script on its file, and tells what it saw."""

    def make(script):
        path = tmp_path / "an editor"
        seen = tmp_path / "seen"
        path.write_text(f'#!/bin/sh\ncp "$1" "{seen}"; ls -ld "$1" "$(dirname "$1")" >"{seen}.modes"\n{script}\n')
        path.chmod(0o700)
        return {"VISUAL": f"'{path}'", "XDG_RUNTIME_DIR": str(tmp_path / "run")}, seen

    (tmp_path / "run").mkdir()
    return make


def test_the_last_entry_is_edited_and_comes_back_to_be_run(editor, open_screen, tmp_path):
    environment, seen = editor("sed -i s/one/two/ \"$1\"; touch \"$1~\"")
    screen = open_screen(**environment)
    screen.start()
    screen.line("print('one')")
    screen.line(".edit")
    screen.wait_rows(PROMPT + ".edit", PROMPT + "print('two')")
    assert seen.read_text() == "print('one')\n"
    # A private file in a folder of its own, which is gone afterwards with what the editor left in it.
    assert sorted(re.findall("^[-drwx]+", (seen.parent / "seen.modes").read_text(), re.M)) == ["-rw-------", "drwx------"]
    assert list((tmp_path / "run").iterdir()) == []
    screen.keys("Enter")
    screen.wait_rows("two", PROMPT.strip())
    screen.line(".edit 1")
    screen.wait_rows(PROMPT + "print('two')")


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_a_key_edits_the_text_under_way(mode, editor, home, open_screen):
    if mode == "vi":
        (home.path / ".editrc").write_text("bind -v\n")
    environment, _ = editor("printf 'for i = 1, 2 do\\n  print(i)\\nend\\n' > \"$1\"")
    screen = open_screen(**environment)
    screen.start()
    screen.type("half a li")
    if mode == "vi":
        screen.keys("Escape")
        time.sleep(0.3)
        screen.type("v")
    else:
        screen.keys("C-x", "C-e")
    screen.wait_rows(PROMPT + "for i = 1, 2 do", "  print(i)", "end")
    screen.keys("Enter")
    screen.wait_rows("1", "2", PROMPT.strip())


def test_the_session_is_edited_as_a_script_without_errors_and_secrets(editor, open_screen):
    environment, seen = editor("true")
    screen = open_screen(**environment)
    screen.start()
    for line in ["x = 1", "error('boom')", "password = 'hunter2'", ".history", "if x then", "print(x)", "end"]:
        screen.line(line)
    screen.line(".edit session")
    # Unchanged: nothing comes of it.
    screen.wait_rows(PROMPT + ".edit session", PROMPT.strip())
    assert seen.read_text() == "x = 1\nif x then\n  print(x)\nend\n"


@pytest.mark.parametrize(
    "environment, message",
    [
        ({"EDITOR": "false"}, "the editor false failed (1); nothing was changed"),
        ({"EDITOR": "no-such-editor"}, "there is no editor no-such-editor; set VISUAL or EDITOR to one, as in EDITOR=nano"),
    ])  # fmt: skip
def test_an_editor_that_cannot_be_had_is_explained(environment, message, open_screen):
    screen = open_screen(width=120, **environment)
    screen.start()
    screen.line("x = 1")
    screen.line(".edit")
    screen.wait(message)
    screen.wait_rows(PROMPT.strip())


def test_what_an_editor_wrote_before_it_failed_is_offered(editor, open_screen):
    environment, _ = editor("sed -i s/one/two/ \"$1\"; exit 3")
    screen = open_screen(width=160, **environment)
    screen.start()
    screen.line("print('one')")
    screen.line(".edit")
    screen.wait_rows(PROMPT + "print('two')")
    assert "failed (3); here is the text that it left" in screen.text()
    screen.keys("Enter")
    screen.wait_rows("two", PROMPT.strip())


def test_ctrl_c_belongs_to_the_editor(editor, open_screen):
    environment, seen = editor("trap 'echo \"interrupted = true\" > \"$1\"; exit 0' INT; echo waiting; while :; do sleep 0.1; done")
    screen = open_screen(**environment)
    screen.start()
    screen.line("x = 1")
    screen.line(".edit")
    screen.wait("waiting")
    screen.keys("C-c")
    screen.wait_rows(PROMPT + "interrupted = true")


def test_what_is_edited_is_gone_when_the_terminal_is(editor, open_screen, tmp_path):
    environment, _ = editor("echo waiting; sleep 60")
    screen = open_screen(**environment)
    screen.start()
    screen.line("password = 'hunter2'")
    screen.line(".edit")
    screen.wait("waiting")
    assert list((tmp_path / "run").iterdir()) != []
    screen.close()
    screen.until(lambda: list((tmp_path / "run").iterdir()) == [], "an empty folder")


# ---- .editrc ----


def test_a_binding_of_ones_own_survives(home, open_screen):
    (home.path / ".editrc").write_text('bind -s "^T" "print(7)"\nmoongate:bind "^O" ed-move-to-beg\n')
    screen = open_screen()
    screen.start()
    screen.keys("C-t")
    screen.wait_rows(PROMPT + "print(7)")
    screen.keys("C-o")
    screen.type("x = 1 ")
    screen.wait_rows(PROMPT + "x = 1 print(7)")


def test_a_broken_line_is_told_with_the_name_of_the_file(home, open_screen):
    (home.path / ".editrc").write_text("bind -v\nnonsense here\n")
    screen = open_screen(width=200)
    screen.start()
    screen.wait(f"{home.path}/.editrc: a line was not understood")


def test_choosing_the_keys_of_emacs_loses_none_of_ours(home, open_screen):
    (home.path / ".editrc").write_text('bind -e\nbind "^W" ed-move-to-beg\n')
    screen = open_screen()
    screen.start()
    screen.type("list_gat")
    screen.keys("Tab")
    screen.wait(PROMPT + "list_gateways", last=True)
    screen.keys("C-w")
    screen.type("x = ")
    screen.wait_rows(PROMPT + "x = list_gateways")


def test_a_quote_that_nothing_closes_is_told(home, open_screen):
    (home.path / ".editrc").write_text('bind -s "^T\n')
    screen = open_screen(width=200)
    screen.start()
    screen.wait(f"{home.path}/.editrc: a line was not understood")


def test_norc_leaves_the_file_alone(home, open_screen):
    (home.path / ".editrc").write_text('bind -s "^T" "print(7)"\nnonsense\n')
    screen = open_screen()
    screen.line(f"{shlex.quote(BINARY)} --local --norc")
    screen.wait(PROMPT.strip(), last=True)
    assert "not understood" not in screen.text()
    screen.keys("C-t")
    screen.type("x = 1")
    screen.wait_rows(PROMPT + "x = 1")
