"""Scripts at the prompt: .run has the session, its permissions and Ctrl-C, and leaves nothing behind."""

import pytest

from terminal import PROMPT

SCRIPT = """-- Counts gateways.
-- @name count
-- @arg state ONLINE|OFFLINE=ONLINE Which
-- @arg gateway gateway?            Only this one
leaked = 1
print("state " .. args.state, kept, (args.gateway or "none"):sub(-6))
print(list_gateways():count() .. " gateways", ...)
if args[1] == "fail" then exit(3) end
if args[1] == "error" then error("so it is") end
if args[1] == "loop" then while true do end end
if args[1] == "write" then delete_gateway(list_gateways():first()) end
"""


@pytest.fixture
def at_prompt(home, open_screen):
    (home.path / "count.lua").write_text(SCRIPT)
    (home.path / "sub").mkdir()
    screen = open_screen(width=110)
    screen.line(f"cd {home.path}")
    screen.start()
    return screen


def test_a_script_runs_with_the_session_in_globals_of_its_own(at_prompt):
    at_prompt.line("kept = 'mine' delete_gateway(list_gateways():find{ GatewayDisplayName = 'spare-01' }) print(6 * 7)")
    at_prompt.wait("42", PROMPT.strip())
    at_prompt.line(".run count.lua --state OFFLINE --gateway 'zurich-backup-01' word")
    at_prompt.wait("state OFFLINE   nil", "2 gateways", PROMPT.strip())
    at_prompt.line("print(rawget(_G, 'leaked'), rawget(_G, 'args'), kept)")
    at_prompt.wait("nil     nil     mine")


def test_what_went_wrong_is_told_and_the_prompt_goes_on(at_prompt):
    at_prompt.line(".run count.lua fail")
    at_prompt.wait("exit code 3", PROMPT.strip())
    at_prompt.line(".run count.lua error")
    at_prompt.wait("so it is", "exit code 1", PROMPT.strip())
    at_prompt.line(".run count.lua --stat ONLINE")
    at_prompt.wait("there is no --stat; did you mean --state?")
    at_prompt.line(".run nothing.lua")
    at_prompt.wait("cannot open script 'nothing.lua'")
    at_prompt.line(".run oprhans")
    at_prompt.wait("there is no snippet 'oprhans'; did you mean orphans?")
    at_prompt.line(".run --untrusted count.lua")
    at_prompt.wait("'--untrusted' is no script; .run has no options of its own, and a script's stand behind it")
    at_prompt.line(".run 'count.lua")
    at_prompt.wait("a quote is not closed")
    at_prompt.line(".run count.lua --dry-run")
    at_prompt.wait("--dry-run is Moongate's own option: here there are")
    at_prompt.line("print(6 * 7)")
    at_prompt.wait("42")


def test_ctrl_c_ends_the_script_and_then_lines_as_ever(at_prompt):
    for line in (".run count.lua loop", "while true do end", ".run count.lua loop"):
        at_prompt.keys("C-l")
        at_prompt.line(line)
        at_prompt.wait("gateways" if line.startswith(".run") else line)
        at_prompt.keys("C-c")
        at_prompt.wait("interrupted", PROMPT.strip())


def test_a_write_is_asked_about_and_read_only_refuses_it(at_prompt):
    at_prompt.line(".run count.lua write")
    at_prompt.wait("DeleteGateway", "[y]")
    at_prompt.line("n")
    at_prompt.wait("Declined", "exit code 251", PROMPT.strip())
    at_prompt.line(".read-only on")
    at_prompt.line(".run count.lua write")
    at_prompt.wait("ReadOnly", "exit code 251")
    # The question is the prompt's own again.
    at_prompt.line(".read-only off")
    at_prompt.wait("read-only is off")
    at_prompt.keys("C-l")
    at_prompt.line(".run count.lua write")
    at_prompt.wait("DeleteGateway", "[y]")
    at_prompt.line("y")
    at_prompt.wait(PROMPT.strip())


def test_help_and_a_snippet_by_its_name(at_prompt):
    at_prompt.line(".run count.lua --help")
    at_prompt.wait("Counts gateways.", "--state ONLINE|OFFLINE", "default ONLINE")
    at_prompt.keys("C-l")
    at_prompt.line(".run inventory --help")
    at_prompt.wait("inventory", "It may call")


def test_tab_puts_a_blank_behind_an_option(at_prompt):
    """As bash does: the next Tab completed the option again instead of its value."""
    at_prompt.type(".run stale-vms --hypervisor")
    at_prompt.keys("Tab")
    at_prompt.type("x")
    at_prompt.wait_rows(PROMPT + ".run stale-vms --hypervisor x")


def test_moongate_s_options_do_nothing_behind_run(at_prompt):
    at_prompt.line(".run count.lua --region eu-central-1")
    at_prompt.wait("--region is Moongate's own option: here there are .profile, .region")


def test_tab_completes_files_snippets_options_values_and_resources(at_prompt):
    for typed, completed in (
        (".run cou", ".run count.lua"),
        (".run stale-v", ".run stale-vms"),
        (".run count.lua --st", ".run count.lua --state"),
        (".run count.lua --state OFF", ".run count.lua --state OFFLINE"),
        (".run count.lua --gateway zur", ".run count.lua --gateway zurich-backup-01"),
        (".run stale-vms --hyp", ".run stale-vms --hypervisor"),
    ):
        at_prompt.type(typed)
        at_prompt.keys("Tab")
        at_prompt.wait_rows(PROMPT + completed)
        at_prompt.keys("C-u", "C-l")
