# secret("…"): where it comes from, and that nothing but a sensitive parameter gets to know it.
import pexpect
import pytest

from moongate import BINARY, CREDENTIALS, PATIENCE

HYPERVISOR = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-12345678"
SECRET = "correct-horse-battery"
ROTATE = """
local password = secret("vCenter password")
print(update_hypervisor(list_hypervisors():first(), { Password = password }).HypervisorArn ~= nil)
"""


def test_from_a_file_a_variable_or_standard_input(moongate):
    moongate.write("pw", SECRET + "\n")
    ways = {"@pw": {}, "env:VC": {"env": {"VC": SECRET}}, "-": {"stdin": f"{SECRET}\nrest\n".encode()}}
    for source, given in ways.items():
        result = moongate(
            "--local", "--allow", "UpdateHypervisor", "--secret", f"vCenter password={source}", "-e",
            ROTATE + "print(io.read())", **given,
        )  # fmt: skip
        rest = "rest" if source == "-" else "nil"
        assert (result.code, result.stdout) == (0, f"true\n{rest}\n"), result.stderr


def test_the_service_gets_the_secret_itself(moongate, canned):
    server = canned(lambda request: {"HypervisorArn": HYPERVISOR})
    moongate.write("pw", SECRET)
    code = f"""update_hypervisor("{HYPERVISOR}", {{ Password = secret("p"), Username = secret("u") }})"""
    result = moongate(
        "--endpoint", server.endpoint, "--region", "us-east-1", "--allow", "UpdateHypervisor",
        "--secret", "p=@pw", "--secret", "u=env:WHO", "-e", code, env={"WHO": "admin", **CREDENTIALS},
    )  # fmt: skip
    assert result.code == 0, result.stderr
    sent = [request.json for request in server.requests]
    assert sent == [{"HypervisorArn": HYPERVISOR, "Username": "admin", "Password": SECRET}]


@pytest.mark.parametrize(
    "code, shown",
    [
        ("print(s)", "•••"),
        ("print(tostring(s), string.format('%s', s))", "•••\t•••"),
        ("print(pcall(function() return s .. '' end))", "attempt to concatenate a secret value"),
        ("print(pcall(function() return #s end))", "attempt to get length of a secret value"),
        ("print(pcall(string.byte, s))", "string expected, got secret"),
        ("print(pcall(string.rep, s, 2))", "string expected, got secret"),
        ("print(pcall(function() return s.text end))", "a secret cannot be looked into"),
        ("print(pcall(function() s.text = 1 end))", "a secret cannot be changed"),
        ("print(getmetatable(s))", "false"),
        ("print(pcall(next, s))", "table expected, got secret"),
        ("print(pcall(rawget, s, 'x'))", "table expected, got secret"),
        ("show(s) show{ { p = s } } output.table{ { p = s } }", '"•••"\n[\n  {\n    "p": "•••"\n  }\n]\np\n•••'),
        ("print(pcall(get_gateway, s))", "not a secret"),
        ("print(pcall(update_hypervisor, h, { Host = s }))", "Host is not kept secret; here a secret can be Username and Password"),
        ("print(pcall(tag_resource, h, { Tags = { { Key = 'k', Value = s } } }))", "tag_resource takes no secret"),
        ("print(pcall(exit, 3, s))", "exit takes a text as its message, not a secret"),
        ("print(pcall(error, s))", "•••"),
        ("error(s)", "•••"),
        ("print(pcall(io.write, s))", "string expected, got secret"),
        ("print(pcall(json.encode, s))", "json.encode: "),
        ("print(pcall(json.encode, { a = { s } }))", "a secret is no data"),
        ("print(s == secret('p'), rawequal(s, s))", "false\ttrue"),
    ],
)  # fmt: skip
def test_nobody_looks_into_a_secret(moongate, code, shown):
    moongate.write("pw", SECRET)
    result = moongate(
        "--local", "--secret", "p=@pw", "-e", f"local s, h = secret('p'), list_hypervisors():first() {code}"
    )
    assert SECRET not in result.stdout + result.stderr
    assert shown in result.stdout + result.stderr, result.stdout + result.stderr


def test_a_secret_is_not_in_what_is_told_of_a_request(moongate):
    moongate.write("pw", SECRET)
    options = ["--local", "--secret", "vCenter password=@pw"]
    for more in (["--dry-run"], ["--debug", "--allow", "UpdateHypervisor"], []):
        result = moongate(*options, *more, "-e", ROTATE)
        assert SECRET not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "option, words",
    [
        ("p=" + SECRET, "--secret takes NAME=@FILE"),
        (SECRET, "--secret takes NAME=@FILE"),
        ("=@pw", "--secret takes NAME=@FILE"),
        ("p=@", "--secret takes NAME=@FILE"),
        ("p=@nowhere", "cannot open 'nowhere': No such file"),
        ("p=env:NOWHERE", "the variable NOWHERE is not set"),
        ("p=-", "standard input is empty"),
        ("p=@empty", "'empty' is empty"),
        ("p=@binary", "'binary' is not UTF-8 text"),
    ],
)
def test_a_source_that_gives_none(moongate, option, words):
    moongate.write("empty", "\n")
    moongate.write("binary", b"\xff\xfe")
    result = moongate("--local", "--secret", option, "-e", "print(1)")
    assert (result.code, result.stdout) == (252, "")
    assert words in result.stderr
    assert SECRET not in result.stderr


def test_nobody_to_ask(moongate):
    result = moongate("--local", "-e", "secret('vCenter password')")
    assert result.code == 252
    assert "there is no terminal to ask for 'vCenter password' on" in result.line()
    assert "--secret" in result.line()


@pytest.mark.parametrize("call", ["secret()", "secret('')", "secret{}"])
def test_what_to_ask_for_is_a_text(moongate, call):
    assert "secret takes what to ask for" in moongate("--local", "-e", call).line()


# With somebody at the terminal


def spawn(moongate, code, *options):
    return pexpect.spawn(
        str(BINARY), ["--local", *options, "-e", code], cwd=moongate.folder, env=moongate.environment({"TERM": "xterm"}),
        encoding="utf-8", timeout=PATIENCE,
    )  # fmt: skip


def test_asked_for_without_echo(moongate):
    child = spawn(moongate, ROTATE, "--allow", "UpdateHypervisor")
    child.expect_exact("vCenter password: ")
    child.sendline(SECRET)
    child.expect("true")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert SECRET not in child.before


def test_no_answer_is_no_secret(moongate):
    for answer in ("\n", "\x04"):
        child = spawn(moongate, "print(pcall(secret, 'code'))")
        child.expect_exact("code: ")
        child.send(answer)
        child.expect("Declined|nothing was given")
        child.expect(pexpect.EOF)


def test_ctrl_c_ends_the_run(moongate):
    child = spawn(moongate, "pcall(secret, 'code') print('went on')")
    child.expect_exact("code: ")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "went on" not in child.before
