# Which libraries of the system a run opens, when, and what becomes of it when one cannot be opened.
import re

from moongate import CREDENTIALS

CALLER = {**CREDENTIALS, "AWS_MAX_ATTEMPTS": "1"}
# Nobody listens on port 1; what a request needs is opened before that is found out.
CALL = ["--endpoint", "https://127.0.0.1:1", "--region", "us-east-1"]
CALLING = CALL + ["-e", "print(pcall(function() return list_gateways():count() end))"]


def opened(moongate, *arguments):
    """File names of the shared libraries that a run initialised, as the dynamic linker tells it."""
    result = moongate(
        *arguments, env={**CALLER, "LD_DEBUG": "libs", "LD_DEBUG_OUTPUT": str(moongate.folder / "linker")})
    assert result.code == 0, result.stderr
    (trace,) = moongate.folder.glob("linker.*")
    return {path.rsplit("/", 1)[-1] for path in re.findall(r"calling init: (\S+)", trace.read_text())}


def without(moongate, library):
    """The environment in which a library is a file that is none: what an update that was cut short leaves."""
    folder = moongate.folder / "libraries"
    folder.mkdir()
    (folder / library).write_bytes(b"none")
    return {**CALLER, "LD_LIBRARY_PATH": str(folder)}


def test_a_start_opens_neither_libcurl_nor_openssl(moongate):
    names = opened(moongate, "-e", "print(1)")
    assert any(name.startswith("libc.so") for name in names), "this test could not tell the difference"
    assert not [name for name in names if re.match("lib(curl|ssl|crypto)", name)]


# What signs is the OpenSSL that libcurl brings along. Two in one process would have two sets of locks, of settings and
# of faults, and only one of them would be looked after.
def test_a_process_has_one_openssl(moongate):
    names = opened(moongate, *CALLING)
    assert [name for name in names if name.startswith("libcurl")]
    assert [name for name in names if name.startswith("libcrypto")] == ["libcrypto.so.3"]


def test_without_openssl_the_first_signature_ends_the_run(moongate):
    broken = without(moongate, "libcrypto.so.3")
    assert moongate("-e", "print(1)", env=broken).stdout == "1\n"
    result = moongate(*CALL, "-e", "print('before') list_gateways():count()", env=broken)
    assert (result.code, result.stdout) == (255, "before\n")
    assert re.fullmatch(
        r"moongate: OpenSSL's libcrypto cannot be opened \(.*libcrypto\.so\.3: .+\); "
        r"Debian and Ubuntu have it in the package libssl3", result.line())


def test_without_libcurl_a_call_fails_and_a_script_may_go_on(moongate):
    result = moongate(*CALLING, env=without(moongate, "libcurl.so.4"))
    assert result.code == 0
    assert "libcurl cannot be opened (" in result.stdout and "package libcurl4" in result.stdout
