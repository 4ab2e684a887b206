"""Snippets at the prompt: the same commands, in the session's own world."""

import pytest

from people import sha256, snippet
from terminal import PROMPT

TEXT = snippet(body="print('gateways: ' .. list_gateways():count())")


@pytest.fixture
def team(home, tmp_path):
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "count.lua").write_text(TEXT)
    (tmp_path / "config/moongate").mkdir(parents=True)
    (tmp_path / "config/moongate/config").write_text(f"[registry team]\nurl = {folder}\n")
    return folder


def test_a_snippet_is_found_seen_added_and_run(team, screen):
    screen.line(".snippet search gateways there are")
    screen.wait("count  1.0.0    team      none       How many gateways there are.", PROMPT.strip())
    screen.line(".snippet add team/count")
    screen.wait("print('gateways: '", "nobody: it is unsigned", "Add it? [y] yes")
    screen.line("y")
    screen.wait("added count 1.0.0; .run count runs it")
    # In this session's world, not in a fresh one.
    screen.line("delete_gateway(list_gateways():find{ GatewayDisplayName = 'spare-01' })")
    screen.line(".snippet run count")
    screen.wait("| gateways: 2", PROMPT.strip())
    screen.line(".snippet run coumt")
    screen.wait("there is no snippet 'coumt'; did you mean count?", "(.snippet search shows")
    # Ctrl-C is the console's own again.
    screen.line("while true do end")
    screen.keys("C-c")
    screen.wait("interrupted")
    screen.line("print(6 * 7)")
    screen.wait("42")


def test_commands_and_names_are_completed(team, screen):
    screen.type(".snippet upd")
    screen.keys("Tab")
    screen.wait_rows(PROMPT + ".snippet update")
    screen.keys("C-u")
    screen.type(".snippet show team/")
    screen.keys("Tab")
    screen.wait_rows(PROMPT + ".snippet show team/count")
    screen.keys("C-u")
    screen.type(".snippet run orph")
    screen.keys("Tab")
    screen.wait_rows(PROMPT + ".snippet run orphans")
