# Hostile scripts: whatever they do, the process ends by its own decision, and Ctrl-C ends what does not end. As shared
# code they come to what they say of themselves.
import json
import signal
import subprocess

import pytest

from attacks import ATTACKS, error_cases, here, scripts
from canned_server import GATEWAY
from moongate import PATIENCE as LONG
from moongate import default_signals, shell_code
from sanitizers import IS_THREADS

# How long a script may go on before it is interrupted, once; and how long it may take to end then.
PATIENCE = 3
DEADLINE = 10

# What the scripts take for the product's API. What there is no name for is a function that fails, as calling it by its
# own name would.
API = """local there = moongate
local function named(name) return function(...) return there[name](...) end end
backup = {
  listGateways = named "list_gateways", deleteGateway = named "delete_gateway", gateways = named "list_gateways",
  call = named "call", request = named "call", connect = named "connect", client = named "connect",
}
bgw = backup
"""

# None of these may be printed: each is what a script says when it got through, or did nothing.
GOT_THROUGH = ["REACHED", "ACCEPTED", "LOADED", "corrupted value", "limit not enforced", "skipped", "no api"]


# As the operator's own code -----------------------------------------------------------------------------------------

INTERRUPTED = (130,)
# Exit codes and what must stand in the output, where a script does not end with 0 and "survived".
OWN_OUTCOMES = {
    "A01_concat_metamethod_uaf": ((1,), "__concat is not available"),
    # Nested too deeply to be closed at once: an error, and what was closed by then is.
    "A03_coroutine_close_chain": ((0,), "close each other too deeply"),
    # Wrong code that Lua 5.4.4 makes; no danger.
    "A06_break_close_wrong_level": ((0,), "closed after return=true"),
    "A07_bitop_wrong_codegen": ((0,), ""),
    "A08_env_index_comparison": ((0,), ""),
    "A12_corrupted_bytecode": ((0,), "host loads binary chunk:\tfalse"),
    "A18_weak_metatable_gc_uaf": ((0,), "corrupted metatables: 0\nsurvived"),
    "B01_infinite_loop": (INTERRUPTED, "interrupted"),
    "B02_loop_swallow_pcall": (INTERRUPTED, "interrupted"),
    "B03_loop_in_coroutine": (INTERRUPTED, "interrupted"),
    "B04_loop_in_xpcall_handler": (INTERRUPTED, "interrupted"),
    "B05_loop_in_gc_finalizer": ((1,), "__gc is not available"),
    "B06_gc_finalizer_at_exit": ((1,), "__gc is not available"),
    "B07_close_metamethod_loop": (INTERRUPTED, "interrupted"),
    "B08_pattern_exponential": (INTERRUPTED, "interrupted"),
    "B09_pattern_quadratic": (INTERRUPTED, "interrupted"),
    "B10_string_rep_zero_length": ((0,), "0\n"),
    "B11_table_move_endless": (INTERRUPTED, "interrupted"),
    "B12_table_lib_c_metamethods": (INTERRUPTED, "interrupted"),
    # One token without end: it grows until somebody has enough, or memory has.
    "B13_load_endless_reader": ((0, 130), ""),
    "B14_string_rep_memory": ((0,), "false\tnot enough memory"),
    "B15_string_doubling": ((0,), "false\tnot enough memory"),
    "B16_table_growth": ((0,), "false\tnot enough memory"),
    "B17_many_coroutines": ((0,), "false\tnot enough memory"),
    "B18_deep_recursion": ((0,), "false\tstack overflow"),
    "B19_c_recursion": ((0,), "C stack overflow"),
    # 100,000 elseif take the compiler 14 seconds, unless Ctrl-C comes.
    "B20_parser_nesting": ((0, 1, 130), "C stack overflow"),
    "B21_huge_output": (INTERRUPTED, ""),
    "B22_number_formats": ((0,), "MaxResults must be an integer"),
    # What runs the collector is the operator's own to call.
    "C01_reachability_walk": ((0,), "reachable dangerous: _G.collectgarbage\n"),
    "C02_string_metatable_poison": ((0,), "X\t1\ttrue"),
    # Its last door is a file that it may not write.
    "C03_bytecode_gates": ((251,), "load ESC only\trefused"),
    "C04_os_io_package": ((0,), "debug upvalue of print\tdenied"),
    "C05_exit_paths": ((0,), "os.exit reachable: false"),
    "C06_hostile_error_objects": ((0,), "bidi\tfalse\tstring"),
    "C07_hostile_values_to_print": ((0,), ""),
    "C10_source_tricks": ((0,), "role is viewer"),  # the operator's own, as it is
    "D01_region_injection": ((0,), "refused"),
    "D02_endpoint_ssrf": ((0,), "refused"),
    "D03_secret_hunt": ((0,), "secrets found at: (none)"),
    "D04_permission_bypass": ((0,), "denied"),
    "D05_confirm_spoof": ((0,), "false\t"),
    "D06_pagination_traps": ((0,), "items: 3"),
    "D08_output_flood_and_encoding": ((0, 130), ""),  # own scripts may print what they like
}
# What stands before and behind a script, beyond the API.
BEFORE = {
    # A refused variable is an error here, which the script does not expect.
    "D03_secret_hunt": "local real = os os = { getenv = function(k) local ok, v = pcall(real.getenv, k) return ok and v or nil end }\n",
}
AFTER = {
    "C02_string_metatable_poison": "\nprint(('x'):upper(), string.format('%d', 1), ('x') == ('x'))",
}
# Loops that are long for a debug build: the first rounds show the same.
SHORTER = {"A18_weak_metatable_gc_uaf": (b"for r = 1, 2500 do", b"for r = 1, 120 do")}


@here
@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_as_own_code_an_attack_comes_to_what_it_says(moongate, script):
    """And what has no end by itself ends at one Ctrl-C."""
    name = script.stem
    source = script.read_bytes()
    if name in SHORTER:
        assert source.count(SHORTER[name][0]) == 1
        source = source.replace(*SHORTER[name])
    path = moongate.write(f"{name}.lua", (API + BEFORE.get(name, "")).encode() + source + AFTER.get(name, "").encode())
    codes, text = OWN_OUTCOMES.get(name, ((0,), "survived"))
    if codes is INTERRUPTED and IS_THREADS:
        pytest.skip("ThreadSanitizer keeps signals back")
    with open(moongate.folder / "out", "w+b") as out, open(moongate.folder / "err", "w+b") as err:
        process = subprocess.Popen(
            moongate.command("--local", "--max-memory", "256M", path), cwd=moongate.folder, env=moongate.environment(),
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=default_signals,
        )  # fmt: skip
        try:
            try:
                # An attack without end shows so at once; one that ends is given the time that it takes.
                process.wait(PATIENCE if 130 in codes else LONG)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
                process.wait(DEADLINE)
        finally:
            process.kill()
        out.seek(0), err.seek(0)
        stdout, stderr = (file.read(1 << 20).decode(errors="replace") for file in (out, err))
    assert shell_code(process.returncode) in codes, stdout[-1000:] + stderr[-1000:]
    assert text in stdout + stderr, stdout[-2000:] + stderr[-2000:]
    for word in ["Fatal error", "AddressSanitizer", "OWNED"]:
        assert word not in stdout + stderr
    for word in GOT_THROUGH:
        assert word not in stdout


# As shared code -----------------------------------------------------------------------------------------------------

PREAMBLE = """-- @allow ListGateways
-- @limit busy=1s
""" + API

# Exit codes and what must stand in the output. Without a row: 0 and "survived".
STOPPED = (250,)
REFUSED = (1,)
OUTCOMES = {
    # Guarded metatables refuse what is known to crash; without it the script cannot go on.
    "A01_concat_metamethod_uaf": (REFUSED, "__concat"),
    "A02_gmatch_matchdepth_stack_overflow": ((0,), "false\tpattern too complex"),
    "A03_coroutine_close_chain": (REFUSED, "__close"),
    "A06_break_close_wrong_level": (REFUSED, "__close"),
    "A07_bitop_wrong_codegen": ((0,), ""),  # wrong answers of Lua 5.4.4, no danger
    "A08_env_index_comparison": ((0,), ""),
    "A10_message_handler_overwrite": (REFUSED, "__close"),
    "A12_corrupted_bytecode": ((0,), "host loads binary chunk:\tfalse"),
    # A handler that calls itself is an endless computation where errors unwind before they are handled.
    "A13_error_in_error_handling": ((0, 250), ""),
    "A15_redis_parser_gc": (REFUSED, "collectgarbage"),
    "A18_weak_metatable_gc_uaf": (REFUSED, ""),
    "B01_infinite_loop": (STOPPED, "computed for more than 1s"),
    "B02_loop_swallow_pcall": (STOPPED, "computed for more than 1s"),
    "B03_loop_in_coroutine": (STOPPED, "computed for more than 1s"),
    "B04_loop_in_xpcall_handler": (STOPPED, "computed for more than 1s"),
    "B05_loop_in_gc_finalizer": (REFUSED, "__gc is not available"),
    "B06_gc_finalizer_at_exit": (REFUSED, "__gc is not available"),
    "B07_close_metamethod_loop": (REFUSED, "__close"),
    "B08_pattern_exponential": (STOPPED, "computed for more than 1s"),
    "B09_pattern_quadratic": (STOPPED, "computed for more than 1s"),
    "B10_string_rep_zero_length": ((0,), "0\n"),
    "B11_table_move_endless": ((1, 250), ""),
    "B12_table_lib_c_metamethods": ((1, 250), ""),
    "B13_load_endless_reader": ((0,), "false\t"),
    "B14_string_rep_memory": ((0,), "false\t"),
    "B15_string_doubling": ((0,), "false\tnot enough memory"),
    "B16_table_growth": ((0,), "false\tnot enough memory"),
    "B17_many_coroutines": ((0,), "false\tnot enough memory"),
    "B18_deep_recursion": ((0,), "false\tstack overflow"),
    "B19_c_recursion": ((0,), "overflow"),
    "B20_parser_nesting": ((0, 1), "tables\tC stack overflow"),
    "B21_huge_output": (STOPPED, "printed more than 8 MiB"),
    "B22_number_formats": ((0,), "inf\tfalse"),
    "C01_reachability_walk": ((0,), "reachable dangerous: (none)"),
    "C02_string_metatable_poison": ((0,), "must not be visible to others"),
    "C03_bytecode_gates": ((0, 1), "refused"),
    "C04_os_io_package": ((0,), "denied"),
    "C05_exit_paths": ((0,), "os.exit reachable: false"),
    "C06_hostile_error_objects": ((0,), "bidi\tfalse\tstring"),
    "C07_hostile_values_to_print": ((0, 250), ""),
    "C08_api_argument_traps": ((0, 250), ""),
    "C10_source_tricks": ((251,), "is not run"),
    "D01_region_injection": ((0,), "refused"),
    "D02_endpoint_ssrf": ((0,), "refused"),
    "D03_secret_hunt": ((0,), "secrets found at: (none)"),
    "D04_permission_bypass": ((0,), "denied"),
    "D05_confirm_spoof": ((0,), "false\t"),
    "D06_pagination_traps": ((0,), "items: 3"),
    "D08_output_flood_and_encoding": (STOPPED, "printed more than 8 MiB"),
}

def as_shared(moongate, script, *options, arguments=(), env=None, header=PREAMBLE):
    path = moongate.folder / f"{script.stem}.lua"
    path.write_bytes(header.encode() + script.read_bytes())
    done = subprocess.run(
        moongate.command(*options, "--untrusted", path, *arguments), cwd=moongate.folder,
        env=moongate.environment(env), stdin=subprocess.DEVNULL, capture_output=True, timeout=LONG,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@here
@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_as_shared_code_an_attack_comes_to_what_it_says(moongate, script):
    log = moongate.folder / "audit.log"
    codes, text = OUTCOMES.get(script.stem, ((0,), "survived"))
    # Until memory runs out takes more than a second under AddressSanitizer.
    header = PREAMBLE.replace("busy=1s", "busy=20s") if "not enough memory" in text else PREAMBLE
    code, stdout, stderr = as_shared(moongate, script, "--local", "--audit", log, header=header)
    assert code in codes, stderr[-2000:]
    assert text in stdout + stderr, stdout[-2000:] + stderr[-2000:]
    # Not even the worker crashes.
    for word in ["crashed", "was killed", "AddressSanitizer", "Fatal error", "which no worker does"]:
        assert word not in stderr
    for word in GOT_THROUGH:
        assert word not in stdout
    # A name that carries no danger here, or another process's own business.
    if log.exists():
        assert '"sent"' not in log.read_text()


@here
@pytest.mark.parametrize("case", error_cases())
def test_a_hostile_error_object_of_shared_code_is_told_or_stopped(moongate, case):
    code, stdout, stderr = as_shared(
        moongate, ATTACKS / "C06_hostile_error_objects.lua", arguments=[case], header="-- @limit busy=1s\n"
    )
    assert code in (1, 250), stderr[-500:]
    assert stdout == ""
    assert 0 < len(stderr) <= 64 << 10
    assert "crashed" not in stderr


@here
def test_what_one_shared_script_poisons_the_next_does_not_see(moongate):
    as_shared(moongate, ATTACKS / "C02_string_metatable_poison.lua")
    code, stdout, stderr = as_shared(
        moongate, ATTACKS / "C02_string_metatable_poison.lua", header="print(('x'):upper(), string.format('%d', 1))\n"
    )
    assert (code, stdout.splitlines()[0]) == (0, "X\t1"), stderr


@here
def test_shared_code_finds_no_secret(moongate, canned):
    """The words of the attack's own header, looked for in everything that a run leaves behind."""
    secrets = {
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST0001",
        "AWS_SECRET_ACCESS_KEY": "SECRETCANARY0123456789abcdefghijklmnop",
        "AWS_SESSION_TOKEN": "TOKENCANARY0123456789",
    }
    server = canned(lambda request: {"Gateways": []})
    code, stdout, stderr = as_shared(
        moongate, ATTACKS / "D03_secret_hunt.lua", "--endpoint", server.endpoint, "--region", "us-east-1", env=secrets
    )
    assert code == 0 and "secrets found at: (none)" in stdout, stderr
    left = [stdout, stderr] + [
        path.read_text(errors="replace") for path in moongate.home.rglob("*") if path.is_file()
    ]
    for text in left:
        assert "CANARY" not in text and "AKIATEST" not in text


@here
def test_no_attempt_to_write_reaches_the_service(moongate, canned):
    server = canned(lambda request: {"Gateways": [], "GatewayArn": GATEWAY["GatewayArn"]})
    log = moongate.folder / "audit.log"
    code, stdout, stderr = as_shared(
        moongate, ATTACKS / "D04_permission_bypass.lua", "--endpoint", server.endpoint, "--region", "us-east-1",
        "--allow", "DeleteGateway", "--audit", log,
        env={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x" * 40},
    )  # fmt: skip
    assert code == 0, stderr
    assert len(stdout.splitlines()) == 15 and stdout.count("denied") == 15
    assert [request.operation for request in server.requests if request.operation != "ListGateways"] == []
    decisions = [json.loads(line) for line in log.read_text().splitlines()]
    assert decisions and all(line["decision"] == "refused" for line in decisions)


@here
@pytest.mark.parametrize("trap, code, text", [("same token", 0, "RepeatedToken"), ("new tokens", 250, "500 calls")])
def test_a_listing_that_never_ends_is_stopped(moongate, canned, trap, code, text):
    def answer(request):
        token = "same" if trap == "same token" else f"t{len(server.requests)}"
        return {"Gateways": [GATEWAY], "NextToken": token}

    server = canned(answer)
    done, stdout, stderr = as_shared(
        moongate, ATTACKS / "D06_pagination_traps.lua", "--endpoint", server.endpoint, "--region", "us-east-1",
        env={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x" * 40},
    )  # fmt: skip
    assert done == code and text in stdout + stderr, stdout + stderr
    assert len(server.requests) <= 500


@here
def test_every_attack_is_here_by_name():
    """Both kinds of code run each file; and no row waits for a file that has another name by now."""
    names = {path.stem for path in scripts()}
    assert len(names) == len(list(ATTACKS.iterdir())) >= 55
    assert set(OWN_OUTCOMES) | set(OUTCOMES) | set(BEFORE) | set(AFTER) | set(SHORTER) <= names
