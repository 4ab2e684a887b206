# What grants open to own code, and nothing beside it: folders, processes, variables. What the service may be asked is in
# test_permissions.py.
import os
import signal
import subprocess

import pytest

from empty_service import run  # noqa: F401, a fixture
from moongate import CREDENTIALS, shell_code


def test_without_a_grant_each_name_says_which_one(run):
    tries = {
        'io.open("x")': "--grant read=DIR", 'io.open("x", "w")': "--grant write=DIR", 'io.lines("x")': "--grant read=DIR",
        'io.output("x")': "--grant write=DIR", 'io.input("x")': "--grant read=DIR", 'os.remove("x")': "--grant write=DIR",
        'os.rename("x", "y")': "--grant write=DIR", "os.tmpname()": "--grant write=DIR",
        'os.getenv("HOME")': "--grant env=HOME", 'io.popen("true")': "--grant run", 'os.execute("true")': "--grant run",
    }
    for call, flag in tries.items():
        result = run(call)
        assert (result.code, flag in result.line(), "NotAllowed" in result.line()) == (251, True, True), result.stderr
    assert run("assert(os.execute() == false)").code == 0


def test_files_within_granted_folders(run):
    (run.folder / "in").mkdir()
    (run.folder / "out").mkdir()
    (run.folder / "in/list.txt").write_text("one\ntwo\n")
    code = """
      local out <close> = assert(io.open("out/copy.txt", "w"))
      for line in io.lines("in/list.txt") do out:write("[", line, "]") end
      print(io.open("in/none.txt"))
      io.output("out/other.txt") io.write("x", 1) io.close() io.write("to stdout\\n")
      print(os.rename("out/other.txt", "./out/third.txt"), os.remove("out/third.txt"), io.open("in/../in/list.txt"):read("l"))
      print(pcall(io.open, "in/list.txt", "a"), pcall(io.open, "out/copy.txt", "r"))
      local name = os.tmpname() assert(os.remove(name))
      assert(getmetatable(out) == false)
    """
    result = run(code, "--grant", "read=in", "--grant", "write=out")
    assert result.code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[:3] == ["nil\tin/none.txt: No such file or directory\t2", "to stdout", "true\ttrue\tone"]
    assert lines[3].startswith("false") and "--grant read=DIR" in lines[3]
    assert (run.folder / "out/copy.txt").read_text() == "[one][two]"


ESCAPES = ["in/../secret.txt", "../secret.txt", "in/link.txt", "in/folder/secret.txt", "in/fifo", "in/self/environ",
           "/proc/self/environ", "in/./../secret.txt", "in", "in/hard.txt", "in/list.txt\\0.txt", ""]


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("mode", ["r", "w", "a", "r+"])
def test_nothing_leads_out_of_a_granted_folder(run, path, mode):
    inside = run.folder / "in"
    inside.mkdir()
    secret = run.folder / "secret.txt"
    secret.write_text("CANARY")
    (inside / "list.txt").write_text("")
    (inside / "link.txt").symlink_to(secret)
    (inside / "folder").symlink_to(run.folder)
    (inside / "self").symlink_to("/proc/self")
    os.mkfifo(inside / "fifo")
    aws = run.home / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text("# CANARY\n")
    os.link(aws / "credentials", inside / "hard.txt")
    code = f'local f = io.open("{path}", "{mode}") print(f and f:read("a"))'
    result = run(code, "--grant", "read=in", "--grant", "write=in")
    assert "CANARY" not in result.stdout + result.stderr
    assert result.code == 251, result.stdout + result.stderr
    assert (secret.read_text(), (aws / "credentials").read_text()) == ("CANARY", "# CANARY\n")


def test_a_folder_that_was_replaced_after_the_start_is_not_entered(run):
    """The folder is held from the start; what is put in its place is another one."""
    (run.folder / "in").mkdir()
    (run.folder / "in/x").write_text("first")
    code = """
      os.execute("mv in was && mkdir other && echo CANARY > other/x && ln -s other in")
      print(io.open("in/x"):read("a"))
    """
    result = run(code, "--grant", "read=in", "--grant", "run")
    assert (result.code, result.stdout) == (0, "first\n"), result.stderr


@pytest.mark.parametrize("grant", ["read=home/.aws", "write=home/.aws", "read=/proc", "read=home/.aws/../.aws/sso"])
def test_what_holds_credentials_cannot_be_granted(run, grant):
    (run.home / ".aws/sso").mkdir(parents=True)
    result = run("print(1)", "--grant", grant)
    assert (result.code, result.stdout) == (252, "")


def test_a_home_can_be_granted_but_for_credentials(run):
    (run.home / ".aws").mkdir()
    (run.home / ".aws/config").write_text("[default]\n")
    code = """
      for _, name in ipairs{ ".aws/config", ".aws/new", ".config/moongate/config", ".local/state/moongate/audit.log" } do
        for _, mode in ipairs{ "r", "w" } do
          local ok, e = pcall(io.open, "home/" .. name, mode)
          assert(not ok and e.code == "NotAllowed", name)
        end
        assert(not pcall(os.rename, "home/x", "home/" .. name))
        assert(not pcall(os.remove, "home/" .. name))
      end
      assert(not pcall(os.rename, "home/.aws", "home/aws"))
      assert(io.open("home/x", "w")):close()
    """
    result = run(code, "--grant", "read=home", "--grant", "write=home")
    assert result.code == 0, result.stderr


def test_processes_end_as_lua_says_and_find_no_keys(run):
    code = """
      print(os.execute("exit 3")) print(os.execute("kill -9 $$")) print(os.execute("true"))
      local p = io.popen("env; exit 4") local text = p:read("a")
      assert(not text:find("AWS_SECRET") and not text:find("wJalr") and text:find("PATH=")) print(p:close())
      local w = io.popen("cat", "w") w:write("through cat\\n") w:close()
    """
    result = run(code, "--grant", "run")
    assert result.code == 0, result.stderr
    assert result.stdout == "nil\texit\t3\nnil\tsignal\t9\ntrue\texit\t0\nnil\texit\t4\nthrough cat\n"


def test_ctrl_c_ends_a_process_that_is_waited_for(moongate):
    process = moongate.start("--local", "--grant", "run", "-e", "print('ready') io.stdout:write('') os.execute('exec sleep 600')")
    try:
        process.send_signal(signal.SIGCONT)
        children = []
        while not children:
            children = subprocess.run(["pgrep", "-P", str(process.pid), "sleep"], capture_output=True, text=True).stdout.split()
        process.send_signal(signal.SIGINT)
        assert shell_code(process.wait(30)) == 130
        assert not os.path.exists(f"/proc/{children[0]}")
    finally:
        process.kill()


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
def test_keys_are_no_variables(run, name):
    result = run("print(1)", "--grant", f"env={name}")
    assert (result.code, result.stdout) == (252, "")


def test_a_key_under_another_name_is_not_read(run):
    env = {"OTHER": CREDENTIALS["AWS_SECRET_ACCESS_KEY"], "GREETING": "hello"}
    assert run('print(os.getenv("GREETING"), os.getenv("NONE"))', "--grant", "env=GREETING", "--grant", "env=NONE", env=env).stdout == "hello\tnil\n"
    result = run('print(os.getenv("OTHER"))', "--grant", "env=OTHER", env=env)
    assert (result.code, result.stdout) == (251, "")


@pytest.mark.parametrize("grant", ["", "read", "read=", "run=yes", "endpoint=ftp://x", "reed=x", "read=/nonexistent"])
def test_what_is_no_grant_is_a_slip(run, grant):
    assert run("print(1)", "--grant", grant).code == 252


def test_grants_are_for_own_code(run):
    run.write("s.lua", "print(io and io.open, os and os.getenv, io and io.popen, os and os.remove)")
    assert run("s.lua", "--untrusted", "--grant", "read=.").code == 252
    assert run("s.lua", "--untrusted").stdout == "nil\tnil\tnil\tnil\n"
