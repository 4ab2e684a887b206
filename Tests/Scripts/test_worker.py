# Shared code: a script of somebody else's runs in a process that has nothing to steal, may call what its header names, and
# is gone when it goes too far. Nothing that it does ends anything but its own run.
import ctypes
import json
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import time
from pathlib import Path

import pytest

from moongate import BINARY, CREDENTIALS, PATIENCE, ROOT, SANITIZER, default_signals, read_line, shell_code

GATEWAY = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B"

# A sanitizer cannot live with seccomp and a bounded address space; its builds leave them out.
needs_seccomp = pytest.mark.skipif(bool(SANITIZER), reason="a sanitizer's build has no seccomp and no rlimits")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a process that is not dumpable")


@pytest.fixture
def shared(moongate):
    """shared(code, *options): runs the code as somebody else's."""

    def run(code, *options, arguments=(), env=None, **rest):
        script = moongate.write("shared.lua", code)
        return moongate(*options, "--untrusted", script, *arguments, env=env, **rest)

    return run


def worker_of(process):
    """The process id of the worker that a run has started."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise TimeoutError("no worker was started")


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until_gone(pid, seconds):
    deadline = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.005)


@pytest.fixture
def running(moongate):
    """running(code, *options): starts the code as somebody else's; it has printed a line when this returns."""
    processes = []

    def start(code, *options, env=None):
        script = moongate.write("shared.lua", f'print("ready")\n{code}')
        processes.append(moongate.start(*options, "--untrusted", script, env=env))
        assert read_line(processes[-1], processes[-1].stdout) == "ready\n"
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


# The language, as anywhere


def test_a_script_runs_as_anywhere(shared):
    result = shared(
        """-- @allow read
        print(select("#", ...), arg[0]:match("[^/]+$"), arg[2], #arg)
        local rows = {}
        for gateway in list_gateways() do rows[#rows + 1] = gateway.GatewayDisplayName end
        print(table.concat(rows, " "))
        print(session.region, older_than(nil, "7d"), os.date("!%Y", 0))
        exit(7, "as it was")
        """,
        "--local",
        arguments=["one", "two words"],
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "2\tshared.lua\ttwo words\t2"
    assert len(lines[1].split()) == 3
    assert lines[2] == "us-east-1\ttrue\t1970"
    assert (result.code, result.stderr) == (7, "as it was\n")


def test_an_error_is_told_and_counted_as_anywhere(shared):
    result = shared("local x = nil\nprint(x.y)")
    assert result.code == 1
    assert "shared.lua:2: attempt to index a nil value (local 'x')" in result.stderr
    assert shared("print(").code == 1
    # Its text is "table", without an address.
    assert '{ code = "Mine" }' in shared('error({ code = "Mine" })').stderr


def test_values_are_built_as_anywhere(shared):
    """The answer comes down as the service's own bytes: records, timestamps and lists are the same."""
    code = """-- @allow read
      local gateway = list_gateways():first()
      local whole = get_gateway(gateway)
      print(type(whole.LastSeenTime.epoch), tostring(whole.LastSeenTime):match("^%d%d%d%d%-") ~= nil)
      print(pcall(function() return whole.HypervisorArn end))
      print(list_virtual_machines():count())
    """
    result = shared(code, "--local")
    assert result.code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert (lines[0], lines[2]) == ("number\ttrue", "250")
    assert "Gateway has no HypervisorArn" in lines[1]


def test_a_file_is_what_is_shared(moongate):
    assert moongate("--untrusted", "-e", "print(1)").code == 252
    assert moongate("--untrusted", "missing.lua").code == 252
    script = moongate.write("x.lua", "print(1)")
    assert moongate("--untrusted", "--grant", "read=.", script).code == 252


def test_a_source_of_more_than_256_kib_is_refused(shared):
    result = shared("--" + "x" * (256 << 10))
    assert (result.code, result.stdout) == (252, "")
    assert "256 KiB" in result.line()


@pytest.mark.parametrize("header", ["-- @alow read", "-- @allow *", "-- @allow read\n-- @allow GetGateway"])
def test_a_header_with_a_slip_is_refused_before_anything_runs(shared, header):
    result = shared(header + '\nprint("ran")')
    assert (result.code, result.stdout) == (252, "")
    assert re.match(r"moongate: .*shared.lua:\d: ", result.line())


# Nothing is there


def test_no_variable_of_the_host_is_there(running):
    process = running("sleep(60)", env=CREDENTIALS)
    worker = worker_of(process)
    status = Path(f"/proc/{worker}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    if not SANITIZER:
        assert "Seccomp:\t2" in status
    if os.geteuid() != 0:
        pytest.skip("only root may look further into a process that is not dumpable")
    assert Path(f"/proc/{worker}/environ").read_bytes() == b""
    command = Path(f"/proc/{worker}/cmdline").read_bytes()
    assert command == b"moongate\0--snippet-worker\0" + str(process.pid).encode() + b"\0"
    memory = b""
    with open(f"/proc/{worker}/maps") as maps, open(f"/proc/{worker}/mem", "rb") as file:
        for line in maps:
            bounds, rights, *_ = line.split()
            begin, end = (int(number, 16) for number in bounds.split("-"))
            if rights.startswith("rw") and end - begin < 64 << 20:
                try:
                    file.seek(begin)
                    memory += file.read(end - begin)
                except (OSError, ValueError):
                    pass
    assert b"ready" in memory or memory, "this test looked at nothing"
    for secret in CREDENTIALS.values():
        assert secret.encode() not in memory


@needs_root
def test_only_four_descriptors_are_there(running):
    # One that the host has and might hand down.
    extra = os.open("/etc/hostname", os.O_RDONLY)
    try:
        os.set_inheritable(extra, True)
        process = running("sleep(60)")
        folder = Path(f"/proc/{worker_of(process)}/fd")
        found = {int(entry.name): os.readlink(entry) for entry in folder.iterdir()}
    finally:
        os.close(extra)
    assert sorted(found) == [0, 1, 2, 3]
    assert found[0] == "/dev/null"
    assert found[1].startswith("pipe:") and found[2].startswith("pipe:") and found[1] != found[2]
    assert found[3].startswith("socket:")


@needs_root
@needs_seccomp
def test_the_kernel_bounds_what_is_left(running):
    limits = Path(f"/proc/{worker_of(running('sleep(60)'))}/limits").read_text()
    found = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()[1:]}
    assert found["Max core file size"] == "0"
    assert found["Max file size"] == "0"
    assert found["Max processes"] == "0"
    assert found["Max open files"] == "4"
    assert int(found["Max cpu time"]) <= 70
    assert int(found["Max address space"]) < 8 << 30


def test_no_name_reaches_files_processes_or_other_sessions(shared):
    result = shared(
        """
        local found = {}
        for _, name in ipairs { "connect", "gateway_lab", "dofile", "loadfile", "package", "debug" } do
          if rawget(_G, name) ~= nil or moongate[name] ~= nil then found[#found + 1] = name end
        end
        for _, name in ipairs { "execute", "getenv", "exit", "remove", "rename", "tmpname", "setlocale" } do
          if os[name] then found[#found + 1] = "os." .. name end
        end
        for _, name in ipairs { "open", "popen", "input", "output", "tmpfile", "read", "lines" } do
          if io and io[name] then found[#found + 1] = "io." .. name end
        end
        for _, name in ipairs { "os", "io", "shared", "./shared" } do
          if pcall(require, name) then found[#found + 1] = "require " .. name end
        end
        print(#found == 0 and "none" or table.concat(found, " "))
        """,
        "--local",
    )
    assert result.stdout == "none\n", result.stderr


PROBE = r"""
#include "CLockdown.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *what, int reached) {
  char line[80];
  int length = snprintf(line, sizeof line, "%s %s\n", what, reached ? "REACHED" : "refused");
  if (write(1, line, length) != length) _exit(9);
}

int main(void) {
  int spare = open("/dev/null", O_RDWR);
  dup2(spare, 3);
  const char *problem = clockdown_begin(getppid());
  if (!problem) problem = clockdown_finish((clockdown_limits){1u << 29, 5});
  if (problem) { fprintf(stderr, "%s: %s\n", problem, strerror(errno)); return 1; }
  struct stat status;
  char page[4096];
  tell("open", open("/etc/passwd", O_RDONLY) >= 0);
  tell("create", open("/tmp/moongate-probe", O_CREAT | O_WRONLY, 0600) >= 0);
  tell("stat", stat("/etc/passwd", &status) == 0);
  tell("unlink", unlink("/tmp/moongate-probe") == 0);
  tell("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
  tell("unix", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  tell("fork", fork() >= 0);
  tell("exec", execl("/bin/true", "true", (char *)0) == 0);
  tell("kill", kill(getppid(), 0) == 0);
  tell("dup", dup(1) >= 0);
  tell("code", mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  tell("protect", mprotect((void *)((unsigned long)page & ~4095UL), 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
  tell("chdir", chdir("/") == 0);
  void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  memset(memory, 1, 1 << 20);
  if (mmap(NULL, 1UL << 32, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) return 3;
  return 0;
}
"""


@needs_seccomp
def test_machine_code_would_find_nothing_either(tmp_path):
    """What a script could do that broke out of Lua: the very lockdown of the worker around a program that tries."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        pytest.skip("there is no C compiler to build the probe with")
    source = tmp_path / "probe.c"
    source.write_text(PROBE)
    folder = ROOT / "Sources/CLockdown"
    subprocess.run(
        [compiler, "-D_GNU_SOURCE", "-w", "-D_Nullable=", f"-I{folder}/include", source, folder / "lockdown.c", "-o", tmp_path / "probe"],
        check=True,
    )  # fmt: skip
    done = subprocess.run([tmp_path / "probe"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert len(lines) == 13 and all(line.endswith(" refused") for line in lines), done.stdout


# A kernel that cannot do it


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def without(*calls):
    """For preexec_fn: these system calls answer ENOSYS, as in an old kernel or under a container's filter."""

    def install():
        default_signals()
        libc = ctypes.CDLL(None, use_errno=True)
        code = struct.pack("HBBI", 0x20, 0, 0, 0)  # load the number
        for number in calls:
            code += struct.pack("HBBI", 0x15, 0, 1, number)  # unless it is this, skip one
            code += struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | 38)  # ENOSYS
        code += struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)  # allow
        buffer = ctypes.create_string_buffer(code, len(code))
        program = Filter(len(code) // 8, ctypes.addressof(buffer))
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
            os._exit(99)

    return install


LANDLOCK, SECCOMP, CLOSE_RANGE = 444, {"x86_64": 317, "aarch64": 277}.get(os.uname().machine), 436


@pytest.mark.parametrize(
    "call, name",
    [
        pytest.param(LANDLOCK, "Landlock", id="landlock"),
        pytest.param(SECCOMP, "seccomp", id="seccomp", marks=needs_seccomp),
        pytest.param(CLOSE_RANGE, "close_range", id="close_range"),
    ],
)
def test_where_the_lock_cannot_be_had_shared_code_is_refused(moongate, call, name):
    script = moongate.write("shared.lua", 'print("ran")')
    done = subprocess.run(
        [BINARY, "--untrusted", script], cwd=moongate.folder, env=moongate.environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE, preexec_fn=without(call),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (251, "")
    assert len(done.stderr.splitlines()) == 1
    assert "shared code is not run: its process cannot be locked in" in done.stderr
    assert name in done.stderr and "Function not implemented" in done.stderr


# Calls


def test_what_the_header_does_not_name_is_not_sent(shared, canned):
    server = canned(lambda request: {})
    where = ["--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway"]
    for header in ["", "-- @allow ListGateways\n", "-- @allow read\n"]:
        result = shared(header + f'print(pcall(delete_gateway, "{GATEWAY}"))', *where, env=CREDENTIALS)
        assert "NotAllowed" in result.stdout and "@allow" in result.stdout
        assert result.code == 0
    assert server.requests == []
    assert shared(f'get_gateway("{GATEWAY}")', *where, env=CREDENTIALS).code == 251


def test_a_write_needs_the_operators_yes_too(shared, canned):
    server = canned(lambda request: {"GatewayArn": GATEWAY})
    where = ["--endpoint", server.endpoint, "--region", "us-east-1"]
    code = f'-- @allow DeleteGateway\nprint(delete_gateway("{GATEWAY}").GatewayArn)'
    result = shared(code, *where, env=CREDENTIALS)
    assert result.code == 251 and server.requests == []
    assert "--allow DeleteGateway" in result.stderr
    assert shared(code, *where, "--allow", "DeleteGateway", "--read-only", env=CREDENTIALS).code == 251
    assert server.requests == []
    result = shared(code, *where, "--allow", "DeleteGateway", env=CREDENTIALS)
    assert (result.code, result.stdout, result.stderr) == (0, GATEWAY + "\n", "")
    assert [request.operation for request in server.requests] == ["DeleteGateway"]


def test_a_dry_run_sends_nothing(shared, canned):
    server = canned(lambda request: {})
    code = f'-- @allow DeleteGateway\nprint(delete_gateway("{GATEWAY}").GatewayArn)'
    result = shared(
        code, "--endpoint", server.endpoint, "--region", "us-east-1", "--dry-run", env=CREDENTIALS
    )
    assert (result.code, result.stdout) == (0, GATEWAY + "\n")
    assert "dry run, not sent" in result.stderr and "delete_gateway" in result.stderr
    assert server.requests == []


def test_a_fleet_is_what_the_operator_names(shared):
    code = """-- @allow read
      local all = fleet()
      for _, session in ipairs(all:targets()) do print(session.name, session.dry_run) end
      for gateway in all.list_gateways() do
        print(gateway.target.get_gateway(gateway).GatewayArn == gateway.GatewayArn)
        break
      end
      print(pcall(fleet, { regions = "all" }))
    """
    result = shared(code, "--local", "--regions", "us-east-1,eu-central-1", "--dry-run")
    lines = result.stdout.splitlines()
    assert len(lines) == 4, result.stderr
    assert lines[0].startswith("local/us-east-1") and lines[0].endswith("\ttrue")
    assert lines[1].startswith("local/eu-central-1") and lines[2] == "true"
    assert lines[3].startswith("false") and "the operator names its targets" in lines[3]


def test_each_decision_is_written_down(shared, moongate):
    log = moongate.folder / "audit.log"
    code = f'-- @allow GetGateway\npcall(delete_gateway, "{GATEWAY}")\nlist_virtual_machines():first()'
    shared(code, "--local", "--audit", log)
    lines = log.read_text().splitlines()
    assert any('"DeleteGateway"' in line and '"snippet"' in line and '"refused"' in line for line in lines)


def test_an_error_of_the_service_is_the_same_table(shared):
    code = f"""-- @allow GetGateway
      local _, e = pcall(get_gateway, "{GATEWAY}")
      print(e.code, e.http_status, e.operation, e.attempts, e.request_id ~= nil, e.retryable)
      print(missing_ok(get_gateway, "{GATEWAY}"))
      get_gateway("{GATEWAY}")
    """
    result = shared(code, "--local")
    assert result.stdout == "ResourceNotFoundException\t400\tGetGateway\t1\ttrue\tfalse\nnil\n"
    assert result.code == 254
    assert "ResourceNotFoundException" in result.stderr


def test_tasks_run_at_the_same_time(shared, canned):
    """Ten answers that take 0.3 s each are there long before ten times that."""

    def answer(request):
        time.sleep(0.3)
        return {"Gateway": {"GatewayArn": GATEWAY}}

    server = canned(answer)
    code = f"""-- @allow GetGateway
      local items = {{}}
      for i = 1, 10 do items[i] = i end
      local results = parallel(items, function(i) return get_gateway("{GATEWAY}").GatewayArn end)
      print(results.n, results[10])
      local task = spawn(function() sleep(0.01) return "slept" end)
      print(task:wait())
    """
    begin = time.monotonic()
    result = shared(code, "--endpoint", server.endpoint, "--region", "us-east-1", env=CREDENTIALS)
    assert (result.code, result.stdout) == (0, f"10\t{GATEWAY}\nslept\n"), result.stderr
    assert time.monotonic() - begin < 10
    assert len(server.requests) == 10


def test_tasks_that_wait_for_each_other_are_told(shared):
    """The worker looked at its socket for ever, and so never noticed that nothing was left to happen."""
    code = """
    local a, b
    a = spawn(function() sleep(0) return b:wait() end)
    b = spawn(function() return a:wait() end)
    print(select(2, pcall(a.wait, a)).message)
    """
    result = shared(code)
    assert "this wait would never end" in result.stdout, result.stderr


def test_what_was_sent_is_waited_for_when_a_sibling_fails(shared, canned, moongate):
    """Its connection was cut instead, and nobody knew what had become of it."""
    def answer(request):
        time.sleep(0.5)
        return {"GatewayArn": GATEWAY}

    server = canned(answer)
    code = f"""-- @allow DeleteGateway
    print(pcall(parallel, {{ "write", "fail" }}, function(what)
      if what == "write" then return delete_gateway("{GATEWAY}") end
      sleep(0.2)
      error("no", 0)
    end))"""
    log = moongate.folder / "audit.log"
    result = shared(
        code, "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway", "--audit", log, env=CREDENTIALS
    )  # fmt: skip
    assert (result.code, result.stdout) == (0, "false\tno\n"), result.stderr
    assert [line["outcome"] for line in map(json.loads, log.read_text().splitlines()) if "outcome" in line] == ["ok"]


def test_a_writes_limit_of_the_header_holds(shared):
    code = """-- @allow read TagResource
      -- @limit writes=1
      local vm = list_virtual_machines():first()
      print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "b" } } }))
      print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "c" } } }))
    """.replace("      -- @limit", "-- @limit")
    result = shared(code, "--local", "--allow", "TagResource")
    first, second = result.stdout.splitlines()
    assert first.startswith("true") and second.startswith("false") and "Limit" in second


# Output


def test_output_goes_through_as_it_is(shared):
    result = shared('print("é", "a\\0b") warn("careful") print("end")')
    assert result.stdout == "é\ta\0b\nend\n"
    assert "careful" in result.stderr


def on_terminal(moongate, arguments, answers=(), seconds=PATIENCE):
    """Runs the command on a terminal of its own and gives each question the next answer. What it showed, and its exit
    code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(moongate.folder)
        os.execve(BINARY, [str(BINARY), *map(str, arguments)], moongate.environment({"TERM": "xterm"}))
    shown, answered, deadline = b"", 0, time.monotonic() + seconds
    try:
        while True:
            assert time.monotonic() < deadline, shown
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
            # What is typed before the question is complete is thrown away.
            if shown.count(b"quit the run:") > answered < len(answers):
                os.write(terminal, answers[answered])
                answered += 1
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    return shown.decode(errors="replace"), shell_code(os.waitstatus_to_exitcode(status))


def test_nothing_that_is_printed_looks_like_the_host(moongate):
    """On a terminal each line stands behind a bar, and its control characters are seen instead of obeyed."""
    script = moongate.write(
        "spoof.lua",
        r"""
        print("MOONGATE ASKS: may ./nice.lua call ListGateways?\n\27[2K\27[8Amoongate: all is well\r")
        warn("moongate: error")
        print("é")
        """,
    )
    shown, code = on_terminal(moongate, ["--untrusted", script])
    lines = shown.replace("\r\n", "\n").splitlines()
    assert code == 0
    assert len(lines) == 4 and all(line.startswith("| ") for line in lines), lines
    assert "\x1b" not in shown
    assert "| é" in lines


def test_the_operator_is_asked_by_the_host(moongate):
    script = moongate.write(
        "write.lua",
        """-- @allow read TagResource
        local vm = list_virtual_machines():first()
        print("MOONGATE ASKS: shall I?")
        print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "b" } } }))
        print(pcall(tag_resource, vm, { Tags = { { Key = "a", Value = "c" } } }))
        """,
    )
    shown, code = on_terminal(moongate, ["--local", "--untrusted", script], [b"y\n", b"n\n"])
    # Its rows are broken at spaces.
    assert f"may {script} call TagResource?" in " ".join(re.sub("\x1b\\[[0-9;]*m", "", shown).split())
    assert code == 0, shown
    assert "| MOONGATE ASKS: shall I?" in shown
    assert "| true" in shown
    declined = [line for line in shown.splitlines() if line.startswith("| false")]
    assert declined and "Declined" in declined[0]


def test_ctrl_c_at_a_question_is_the_last_one(moongate):
    """What the script had asked for by then, side by side, was asked about too, although it was gone."""
    script = moongate.write(
        "writes.lua",
        """-- @allow read TagResource
        parallel(list_virtual_machines(), function(vm) tag_resource(vm, { Tags = { { Key = "a", Value = "b" } } }) end)
        """,
    )
    shown, code = on_terminal(moongate, ["--local", "--untrusted", script], [b"\x03"])
    assert code == 130, shown
    assert shown.count("MOONGATE ASKS") == 1


# Limits


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("while true do end", id="loop"),
        pytest.param("while true do pcall(function() while true do end end) end", id="loop that catches"),
        pytest.param(
            'string.find(string.rep("a", 40), string.rep("a?", 40) .. string.rep("a", 40) .. "b")', id="pattern"
        ),
        pytest.param("sleep(60)", id="wait"),
        pytest.param("while true do sleep(0) end", id="waits"),
    ],
)
def test_the_time_limit_is_kept_from_outside(running, code):
    process = running(code, "--timeout", "1s")
    worker = worker_of(process)
    begin = time.monotonic()
    assert process.wait(PATIENCE) == 250
    took = time.monotonic() - begin
    assert is_gone(worker)
    assert process.stderr.read() == b"moongate: the snippet ran for more than 1s; --timeout or @limit time= raises that\n"
    assert took < 20


def test_computing_without_a_wait_has_a_limit_of_its_own(shared):
    result = shared("-- @limit busy=1s\nwhile true do end")
    assert result.code == 250
    assert "computed for more than 1s without waiting" in result.line()
    # A wait in between begins it anew.
    code = """-- @limit busy=1s
      local clock = os.clock
      for round = 1, 6 do
        local begin = clock()
        while clock() - begin < 0.4 do end
        sleep(0)
      end
      print("done")
    """
    assert shared(code).stdout == "done\n"


def test_output_has_a_limit(shared):
    result = shared('local line = string.rep("y", 1023) while true do print(line) end')
    assert result.code == 250
    assert len(result.stdout) == 8 << 20
    assert result.line() == "moongate: the snippet printed more than 8 MiB; --max-output raises that"
    result = shared('warn(string.rep("y", 5000))', "--max-output", "4K")
    assert result.code == 250
    result = shared('print(string.rep("y", 4095))', "--max-output", "4K")
    assert (result.code, len(result.stdout)) == (0, 4096)


def test_calls_have_a_limit(shared):
    code = f'-- @allow GetGateway\nfor i = 1, 501 do pcall(get_gateway, "{GATEWAY}") print(i) end'
    result = shared(code, "--local")
    assert result.code == 250
    assert result.stdout.splitlines()[-1] == "500"
    assert "made more than 500 calls" in result.line()
    result = shared(code, "--local", "--max-calls", "501")
    assert (result.code, result.stderr) == (0, "")


def test_memory_has_a_limit(shared):
    result = shared('local s = "x" while true do s = s .. s end')
    assert result.code == 250
    assert "not enough memory" in result.stderr
    code = "local t = {} for i = 1, 80 do t[i] = string.rep('x', 1 << 20) .. i end print(#t)"
    assert shared(code).code == 250
    assert shared(code, "--max-memory", "256M").stdout == "80\n"
    result = shared("-- @limit memory=256M\n" + code)
    assert result.stdout == "80\n"
    assert result.line().endswith("shared.lua raises its limits: memory 256 MiB")


# Ends


def test_a_limit_leaves_nothing_behind(running):
    process = running("while true do end", "--timeout", "1s")
    worker = worker_of(process)
    begin = time.monotonic()
    assert process.wait(PATIENCE) == 250
    assert is_gone(worker)
    assert time.monotonic() - begin < 20


def test_ctrl_c_ends_it(running):
    for code in ["sleep(60)", "while true do end", "while true do pcall(function() while true do end end) end"]:
        process = running(code)
        worker = worker_of(process)
        process.send_signal(signal.SIGINT)
        assert shell_code(process.wait(PATIENCE)) == 130
        assert process.stderr.read() == b"moongate: interrupted\n"
        assert is_gone(worker)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_worker_dies_with_its_host(running, number):
    process = running("while true do end")
    worker = worker_of(process)
    process.send_signal(number)
    process.wait(PATIENCE)
    wait_until_gone(worker, PATIENCE)


@needs_root
@pytest.mark.parametrize("number, text", [(signal.SIGSEGV, "crashed (signal 11, "), (signal.SIGKILL, "was killed (signal 9)")])
def test_a_crash_ends_the_run_and_nothing_else(running, number, text):
    process = running("sleep(60)")
    os.kill(worker_of(process), number)
    assert process.wait(PATIENCE) == 250
    message = process.stderr.read().decode()
    if SANITIZER and number == signal.SIGSEGV:
        # A sanitizer catches that one itself, and its report is what comes first.
        assert message.endswith("nothing else is affected\n")
        return
    assert len(message.splitlines()) == 1
    assert text in message and message.endswith("nothing else is affected\n")


def test_a_reader_that_goes_ends_it_silently(moongate):
    moongate.write("flood.lua", "for i = 1, 1e6 do print(i) end")
    result = moongate.shell('"$MOONGATE" --untrusted ./flood.lua | head -1; echo ${PIPESTATUS[0]}')
    assert (result.stdout, result.stderr) == ("1\n141\n", "")


def test_a_reader_that_takes_nothing_does_not_keep_ctrl_c_away(running):
    """However long a reader takes, it is waited for; but not by somebody who wants to leave."""
    process = running('local line = string.rep("y", 1023) while true do print(line) end', "--max-output", "1G")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert shell_code(process.wait(PATIENCE)) == 130


def test_a_reader_that_takes_its_time_does_not_stop_the_clock(running):
    """What nobody reads is not read from the worker either; the limits hold meanwhile."""
    process = running('local line = string.rep("y", 1023) while true do print(line) end', "--timeout", "1s", "--max-output", "1G")
    worker = worker_of(process)
    wait_until_gone(worker, PATIENCE)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 250
    assert b"ran for more than 1s" in stderr
    assert len(stdout) < 4 << 20


def test_a_write_without_answer_is_told(moongate, canned):
    def answer(request):
        time.sleep(30)
        return {}

    server = canned(answer)
    script = moongate.write("shared.lua", f'-- @allow DeleteGateway\nprint("ready") delete_gateway("{GATEWAY}")')
    process = moongate.start(
        "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "DeleteGateway", "--untrusted", script, env=CREDENTIALS
    )  # fmt: skip
    try:
        read_line(process, process.stdout)
        deadline = time.monotonic() + PATIENCE
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert shell_code(process.returncode) == 130
    assert b"DeleteGateway was sent and has not been answered: its outcome is unknown" in stderr


# What it costs


def test_a_worker_costs_little_more_than_a_plain_run(moongate):
    """The figure is the benchmark's to print; this only notices when it is out by an order."""
    script = moongate.write("empty.lua", "")

    def median(*options):
        times = []
        for _ in range(7):
            begin = time.monotonic()
            assert moongate(*options, script).code == 0
            times.append(time.monotonic() - begin)
        return statistics.median(times)

    plain, locked = median(), median("--untrusted")
    print(f"a run {plain * 1000:.1f} ms, locked in {locked * 1000:.1f} ms")
    assert locked - plain < 1
