# A tour of the whole program by somebody whose home is empty, whose umask protects nothing and who has every kind of
# secret, with all that goes wrong on the way. Behind each part of it: every file is its owner's alone (0600 in folders
# 0700, and from the moment it was made), nothing that was there before is changed, nothing stays in the folder for
# temporary files, and no secret is in anything that was ever said or written.
import base64
import json
import re
import signal
import subprocess
import urllib.parse
from contextlib import suppress

import pytest

from canned_server import ACCOUNT, GATEWAY, Raw
from people import SSH_KEYGEN, sha256, snippet
from planted import ANSWERS, BASE, REGION, SECRETS, SOURCES, from_environment, quoted, roles_keys, talkative_proxy
from tour import SHARED, Tour, wait_for

HYPERVISOR = f"{ACCOUNT}:hypervisor/hype-9B1AB1F1"
# Once for each line that is read, however often it is painted.
PROMPT = rb"\?2004h[^>]*> ?"

@pytest.fixture
def tour(tmp_path):
    tmp_path.chmod(0o700)
    return Tour(tmp_path, dict(SECRETS))


def inspect(tour, *made):
    """The end of each part. `made` are files that must be there: of a tour that writes nothing there is nothing to say."""
    names = [name for name, path in tour.left() if path.is_file()]
    for name in made:
        assert any(re.fullmatch(name, one) for one in names), (name, names)
    tour.assert_private()
    assert tour.assert_made_private() or not (made and tour.is_traced)
    tour.assert_silent()


# Keys, from each place that they can come from, and every way in which a call fails ----------------------------------


CALL = f"""
local done, problem = pcall(get_gateway, "{GATEWAY['GatewayArn']}")
print(done, done and show(problem) or problem)
print(pcall(json.encode, problem)) show(problem) show(session.last)
session.explain()
get_gateway("{GATEWAY['GatewayArn']}")
"""


@pytest.mark.parametrize("source", SOURCES)
def test_keys_from_anywhere_and_every_way_to_fail(tour, canned, source):
    prepare, answer_of_source = SOURCES[source]
    answers = {"service": None, "source": answer_of_source}
    service = canned(lambda request: answers["service"](request))
    place = canned(lambda request: answers["source"](request)).endpoint
    variables = prepare(tour, answer_of_source)
    tour.variables = {
        "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1", "AWS_ENDPOINT_URL_STS": place,
        "AWS_ENDPOINT_URL_SSO": place, "AWS_ENDPOINT_URL_SSO_OIDC": place + "/oidc",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": place, "AWS_CONTAINER_CREDENTIALS_FULL_URI": place, **variables,
    }  # fmt: skip
    if source == "portal":
        tour.variables["AWS_ENDPOINT_URL_SSO_OIDC"] = place + "/oidc"
    if source == "instance":
        del tour.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    call = tour.give(tour.work / "call.lua", CALL)
    options = ["--debug", "--endpoint", service.endpoint]
    signed = 0
    for number, answers["service"] in enumerate(ANSWERS.values()):
        tour.run(*options, "--record", f"asked/{number}.json", call, code=None)
        signed += len(service.requests)
    # What is signed with is there, or the whole part would say nothing.
    assert signed > 0 or source == "a process that fails"
    # And what becomes of each kind of failure of the place that the keys come from.
    if callable(answer_of_source):
        # Of a container that fails is asked again, with a second between.
        kinds = ["AccessDenied", "no JSON", "no answer"] if source == "container" else list(ANSWERS)[1:]
        for answers["source"] in map(ANSWERS.get, kinds):
            tour.run(*options, call, code=None)
    made = [] if source == "a process that fails" else [r"work/asked/0\.json"]
    inspect(tour, *made)


def test_a_proxy_with_a_password(tour):
    """One that repeats what it was told, one that is not there, and addresses with a slip."""
    tour.variables = {**from_environment(tour, None), "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1"}
    password, heads = SECRETS["the password of the proxy"], []
    call = tour.give(tour.work / "call.lua", CALL)
    with talkative_proxy(heads) as port:
        for address in ["http://{}:{}", "https://{}:{}", "{}:{}", "nonsense://{}:{}", "http://{}:port", "http://{}:1", "http://{} :1"]:
            address = address.format(f"user:{password}@127.0.0.1", port)
            tour.run("--debug", "--endpoint", "https://gateway.example", call, env={"https_proxy": address}, code=None)
            # And as a part of the address that it does not belong to.
            tour.run("--debug", "--endpoint", address, call, code=None)
    assert any(base64.b64encode(f"user:{password}".encode()) in head for head in heads)
    inspect(tour)


# Passwords that a script sends -------------------------------------------------------------------------------------

def lua(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


SEND = f"""
local login = {{ Username = {lua(SECRETS["a hypervisor's user"])}, Password = {lua(SECRETS["a hypervisor's password"])} }}
local function send(what, f, ...) local done, problem = pcall(f, ...) print(what, done) show(problem) return problem end
send("import", import_hypervisor_configuration, {{ Name = "n", Host = "v.example", Username = login.Username, Password = login.Password }})
send("update", update_hypervisor, "{HYPERVISOR}", login)
send("test", test_hypervisor_configuration, "{GATEWAY['GatewayArn']}", {{ Host = "v.example", Username = login.Username, Password = login.Password }})
send("wrong", update_hypervisor, "{HYPERVISOR}", {{ Pasword = login.Password }})
send("too long", update_hypervisor, "{HYPERVISOR}", {{ Password = (login.Password .. " "):rep(30) }})
send("a table", update_hypervisor, "{HYPERVISOR}", {{ Password = {{ login.Password }} }})
send("declared", update_hypervisor, "{HYPERVISOR}", {{ Password = secret("declared") }})
send("its text", update_hypervisor, "{HYPERVISOR}", {{ Name = secret("declared") }})
print(secret("declared")) show{{ secret("declared") }} print(pcall(json.encode, {{ secret("declared") }}))
local todo = changes("passwords")
todo.update_hypervisor("{HYPERVISOR}", login)
send("together", todo.run, todo)
"""


@pytest.mark.parametrize("answer", ANSWERS)
def test_passwords_that_are_sent(tour, canned, answer):
    """Sent, refused, rehearsed, recorded, as own and as shared code."""
    service = canned(lambda request: ANSWERS[answer](request))
    tour.variables = {**from_environment(tour, None), "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1"}
    secret = tour.give(tour.home / "declared", SECRETS["a secret that the script declares"] + "\n")
    header = "-- @allow ImportHypervisorConfiguration, UpdateHypervisor, TestHypervisorConfiguration\n"
    own = tour.give(tour.work / "own.lua", SEND)
    shared = tour.give(tour.work / "shared.lua", header + "-- @secret declared What is declared\n" + SEND)
    given = ["--debug", "--endpoint", service.endpoint, "--secret", f"declared=@{secret}"]
    allow = ["--allow", "UpdateHypervisor", "--allow", "ImportHypervisorConfiguration", "--allow", "TestHypervisorConfiguration"]
    for more in (allow, ["--dry-run"], []):
        tour.run(*given, *more, own, code=None)
    tour.run(*given, *allow, "--record", "asked/own.json", own, code=None)
    sent = b"".join(request.body for request in service.requests)
    assert SECRETS["a secret that the script declares"].encode() in sent and b"PLANTEDhyper" in sent
    tour.run(*given, *allow, "--untrusted", shared, code=None)
    tour.run(*given, *allow, "--record", "asked/shared.json", "--untrusted", shared, code=None)
    tour.run(*given, *allow, "--replay", "asked/own.json", own, code=None)
    inspect(tour, r"work/asked/own\.json", r"work/asked/shared\.json", r"home/\.local/state/moongate/audit\.log")


# The local gateway -----------------------------------------------------------------------------------------------


def test_a_local_gateway_and_its_store(tour):
    """Both ways to have one; its log, its control endpoint, and the key that seals the logins of vCenters."""
    own = tour.give(tour.work / "own.lua", "local h = list_hypervisors():first().HypervisorArn\n" + SEND.replace(
        f'"{HYPERVISOR}"', "h").replace(f'"{GATEWAY["GatewayArn"]}"', "list_gateways():first().GatewayArn"))
    secret = tour.give(tour.home / "declared", SECRETS["a secret that the script declares"])
    allow = ["--allow", "UpdateHypervisor", "--allow", "ImportHypervisorConfiguration", "--allow", "TestHypervisorConfiguration"]
    allow += ["--debug", "--secret", f"declared=@{secret}"]
    tour.run("--local", "--data", "data", *allow, own)
    keys = [{"access_key_id": "AKIAKEPT", "secret_access_key": SECRETS["the secret key"], "account": "123456789012",
             "session_token": SECRETS["the session token"]}]  # fmt: skip
    keys = tour.give(tour.home / "keys.json", json.dumps(keys))
    variables = {"AWS_ACCESS_KEY_ID": "AKIAKEPT", "AWS_SECRET_ACCESS_KEY": SECRETS["the secret key"],
                 "AWS_SESSION_TOKEN": SECRETS["the session token"], "AWS_REGION": "us-east-1"}  # fmt: skip
    for form in ("text", "json"):
        with tour.running("serve", "--port", "0", "--data", "data", "--credentials", keys, "--log", form, "--control") as server:
            ready = wait_for(lambda: re.search(rb'{.*"endpoint".*}\n', server.output.read_bytes()))
            endpoint = json.loads(ready[0])["endpoint"]
            tour.run("--endpoint", endpoint, *allow, own, env=variables)
            # One that is signed wrongly is told in the log too.
            tour.run("--endpoint", endpoint, own, *allow, env={**variables, "AWS_SESSION_TOKEN": "x"}, code=None)
            tour.run("--endpoint", endpoint, own, *allow, env={**variables, "AWS_SECRET_ACCESS_KEY": "x"}, code=None)
    # A folder that is damaged, a key that is missing.
    (tour.work / "data/gateway.key").rename(tour.work / "data/key")
    tour.run("--local", "--data", "data", "-e", "", code=None)
    (tour.work / "data/key").rename(tour.work / "data/gateway.key")
    # The key stands in its own file, and in no other.
    key = tour.work / "data/gateway.key"
    tour.secrets["the key of the logins"] = key.read_text().strip()
    tour.may_hold.add(key)
    inspect(tour, r"work/data/gateway\.sqlite3", r"work/data/gateway\.key")
    tour.secrets["the key of the logins"] = bytes.fromhex(key.read_text()).decode("latin-1")
    raw = bytes.fromhex(key.read_text().strip())
    assert all(raw not in path.read_bytes() for _, path in tour.left() if path.is_file())


# At the prompt ---------------------------------------------------------------------------------------------------


def test_a_session_at_the_prompt(tour):
    """What is typed stands on the screen that it was typed on, and nowhere else."""
    editor = tour.give(tour.home / "bin/editor", '#!/bin/sh\necho "print(1)" >"$1"\ncp "$1" "$1~"\n', 0o700)
    user, password = SECRETS["a hypervisor's user"], SECRETS["a hypervisor's password"]
    lines = [
        "list_gateways()", "local n = 1", ".record asked/c.json",
        f"import_hypervisor_configuration{{ Name = \"rack\", Host = \"vc.example.com\", Username = "
        f"{lua(user)}, Password = {lua(password)} }}",
        f"update_hypervisor(list_hypervisors():first(), {{ Pasword = {lua(password)} }})",
        f"Password = {lua(password)} oops {lua(password)}", f"key = '{SECRETS['the secret key']}'", ".error",
        'output.csv(list_gateways(), nil, { to = "asked/g.csv" })', "chart.bar({ { 1, 2 } }, 1, 2):svg('asked/b.svg')",
        ".record off", ".save saved.lua", ".history", ".permissions", ".session", "help(get_gateway)", "nosuch()", ".edit",
    ]  # fmt: skip
    with tour.terminal("--local", "--debug", env={"VISUAL": str(editor)}) as child:
        child.expect(PROMPT)
        for line in lines:
            child.send(line + "\r")
            child.expect(PROMPT)
        child.sendcontrol("c")
        child.expect(PROMPT)
        child.sendeof()
    # A screen repeats what was typed on it.
    tour.said = {name: text for name, text in tour.said.items() if not name.split(" ", 1)[1].startswith("screen")}
    inspect(
        tour, r"home/\.local/state/moongate/history", r"home/\.local/state/moongate/audit\.log", r"work/saved\.lua",
        r"work/asked/g\.csv", r"work/asked/b\.svg",
    )  # fmt: skip


def test_what_is_asked_for_unseen(tour, canned):
    """The code of a device, and a secret that nobody gave in advance: typed at the terminal, on no screen."""
    sts, service = canned(roles_keys), canned(ANSWERS["SignatureDoesNotMatch"])
    tour.give(tour.home / ".aws/config", BASE + "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/x\n"
              "source_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/operator\n")
    tour.variables = {"AWS_REGION": REGION, "AWS_ENDPOINT_URL_STS": sts.endpoint, "AWS_MAX_ATTEMPTS": "1"}
    code = (f'local h, p = "{HYPERVISOR}", secret("vCenter password") '
            'print(pcall(update_hypervisor, h, { Password = p }))')  # fmt: skip
    arguments = ["--profile", "dev", "--debug", "--endpoint", service.endpoint, "--allow", "UpdateHypervisor", "-e", code]
    with tour.terminal(*arguments) as child:
        child.expect_exact("vCenter password: ")
        child.sendline(SECRETS["a secret that the script declares"])
        child.expect_exact("Code of the MFA device")
        child.expect_exact(": ")
        child.sendline(SECRETS["the code of the device"])
    assert SECRETS["the code of the device"] in urllib.parse.unquote_plus(sts.requests[0].body.decode())
    assert b"PLANTEDdeclared" in service.requests[0].body
    # And refused with all that was sent repeated.
    sts_refuses = canned(lambda request: Raw(f"<Error><Code>AccessDenied</Code><Message>{quoted(request)}</Message></Error>", 403))
    with tour.terminal(*arguments, env={"AWS_ENDPOINT_URL_STS": sts_refuses.endpoint}) as child:
        child.expect_exact("vCenter password: ")
        child.sendline(SECRETS["a secret that the script declares"])
        child.expect_exact("Code of the MFA device")
        child.expect_exact(": ")
        child.sendline(SECRETS["the code of the device"])
    inspect(tour, r"home/\.local/state/moongate/audit\.log")


# Snippets, checks, tests and what else writes ------------------------------------------------------------------------


@pytest.mark.skipif(not SSH_KEYGEN, reason="ssh-keygen is not installed")
def test_snippets_from_publishing_to_removing(tour):
    team = tour.folder / "team"
    team.mkdir()
    (tour.home / ".ssh").mkdir(mode=0o700)
    subprocess.run([SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tour.home / ".ssh/id_ed25519"], check=True)
    (tour.home / ".ssh/id_ed25519.pub").chmod(0o600)
    private = (tour.home / ".ssh/id_ed25519").read_text()
    tour.secrets["the signing key"] = max(private.splitlines(), key=len)
    tour.may_hold.add(tour.home / ".ssh/id_ed25519")
    tour.give(tour.home / ".config/moongate/config", f"[registry team]\nurl = {team}\n")
    tour.variables = {**from_environment(tour, None), "AWS_REGION": REGION}
    text = snippet(body="print(1)", allow="read")
    tour.give(tour.work / "count.lua", text)
    tour.run("snippet", "sign", "count.lua")
    tour.run("snippet", "publish", "count.lua", "team")
    tour.run("snippet", "trust", tour.home / ".ssh/id_ed25519.pub", "--as", "me", "--fingerprint", fingerprint(tour), code=None)
    tour.run("snippet", "add", "team/count", "--hash", "sha256:" + sha256(text))
    tour.run("snippet", "verify")
    tour.run("count")
    new = snippet(body="print(2)", allow="read", version="1.0.1")
    tour.give(tour.work / "count.lua", new)
    tour.run("snippet", "publish", "count.lua", "team")
    tour.run("snippet", "update", "--hash", "sha256:" + sha256(new))
    for words in (["list"], ["search"], ["info", "count"], ["show", "count"], ["trust"]):
        tour.run("snippet", *words)
    store = r"home/\.local/share/moongate/snippets/"
    inspect(tour, store + r"snippets\.lock", store + ".*", r"team/.*", r"work/count\.lua\.sig")
    tour.run("snippet", "remove", "count")
    inspect(tour)


def fingerprint(tour):
    told = subprocess.run(
        [SSH_KEYGEN, "-lf", tour.home / ".ssh/id_ed25519.pub"], capture_output=True, text=True, check=True)
    return told.stdout.split()[1]


def test_everything_else_that_writes(tour):
    """Stubs, tests and their reports, checks, completions, files by grant, outputs by argument."""
    tour.variables = {**from_environment(tour, None), "AWS_REGION": REGION}
    tour.give(tour.work / "x_test.lua", "function test_a() print(list_gateways():count()) end function test_b() error('x') end")
    tour.give(tour.work / "report.lua", "-- @allow read\n-- @arg to output\noutput.csv(list_gateways(), nil, { to = args.to })\n")
    tour.give(tour.work / "files.lua", """
        local f = io.open("asked/file", "w") f:write("x") f:close()
        output.json(list_gateways(), nil, { to = "asked/g.json" })
        chart.bar({ { 1, 2 } }, 1, 2):svg("asked/b.svg")
        os.rename("asked/file", "asked/file2") print(pcall(os.tmpname)) os.execute("true")
    """)
    tour.run("stubs")
    tour.run("stubs", "stubs")
    tour.run("test", "--junit", "asked/report.xml", "x_test.lua", code=1)
    tour.run("check", ".", code=None)
    for shell in ("bash", "zsh", "fish"):
        tour.run("completions", shell)
    tour.run("--local", "report.lua", "--to", "asked/r.csv")
    tour.run("--local", "--untrusted", "report.lua", "--to", "asked/u.csv")
    tour.run("--local", "--trust", "--grant", "write=asked", "files.lua", code=None)
    tour.run("--local", "--grant", "write=asked", "--grant", "run", "files.lua", code=None)
    inspect(
        tour, r"home/\.local/share/moongate/stubs/.*\.lua", r"work/stubs/.*\.lua", r"work/asked/report\.xml",
        r"work/asked/r\.csv", r"work/asked/u\.csv", r"work/asked/g\.json", r"work/asked/b\.svg", r"work/asked/file2",
    )  # fmt: skip


# Ends that nobody wants -----------------------------------------------------------------------------------------------


ENDS = [(number, "no") for number in (signal.SIGINT, signal.SIGTERM, signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT)]


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("number, backtrace", [*ENDS, (signal.SIGSEGV, "yes")])
def test_a_run_that_is_cut_short(tour, canned, number, backtrace, shared):
    """In the middle of a write that nobody answers, with a core of any size allowed."""
    service = canned(lambda request: service.closing.wait(30) and None)
    tour.variables = {**from_environment(tour, None), "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1",
                      "SWIFT_BACKTRACE": f"enable={backtrace}"}  # fmt: skip
    secret = tour.give(tour.home / "declared", SECRETS["a secret that the script declares"])
    script = tour.give(tour.work / "cut.lua", "-- @allow UpdateHypervisor\n-- @secret declared Text\n" + SEND.split("send(\"import")[0]
                       + f'update_hypervisor("{HYPERVISOR}", login)\n')
    options = ["--debug", "--endpoint", service.endpoint, "--secret", f"declared=@{secret}", "--allow", "UpdateHypervisor"]
    with tour.running(*options, *(["--untrusted"] if shared else []), script) as process:
        assert service.wait_for_requests(1)
        process.send_signal(number)
        # Swift's own backtracer, where a developer's machine has one, goes on behind a signal that was sent.
        with suppress(subprocess.TimeoutExpired):
            process.wait(8 if backtrace == "no" else 3)
        process.kill()
    inspect(tour, r"home/\.local/state/moongate/audit\.log")


def test_the_list_of_what_is_shared_is_short():
    assert len(SHARED) <= 4 and all(len(reason) > 20 for reason in SHARED.values())
