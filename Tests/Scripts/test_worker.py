# Shared code: a script of somebody else's runs in a process that has nothing to steal, and is refused where that cannot be had.
import ctypes
import os
import re
import shutil
import signal
import struct
import subprocess
from pathlib import Path

import pytest

from moongate import BINARY, CREDENTIALS, PATIENCE, ROOT, SANITIZER, default_signals
from workers import needs_root, needs_seccomp, worker_of

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
