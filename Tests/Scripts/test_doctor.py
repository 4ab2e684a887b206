"""moongate doctor: one broken thing each, and what it says of it; and that it sends what it says that it sends."""

import hashlib
import json
import os
import shutil
import subprocess
import time

import pexpect
import pytest

from canned_server import Raw
from moongate import BINARY, CREDENTIALS, PATIENCE, LocalGateway

NOTHING = {"AWS_EC2_METADATA_DISABLED": "true"}
WELL = ["--local", "--offline"]
AT_AWS = ["--offline", "--region", "eu-central-1"]
SSO = """[default]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
"""


def findings(result):
    """What was found, by check: (status, text and advice)."""
    rows = json.loads(result.stdout)
    assert len({row["check"] for row in rows}) == len(rows)
    return {row["check"]: (row["status"], " | ".join(filter(None, (row["finding"], row["advice"])))) for row in rows}


@pytest.fixture
def doctor(moongate):
    def doctor(*words, env=None):
        result = moongate("doctor", "--output", "json", *words, env=env)
        found = findings(result)
        assert result.code == (1 if any(status == "problem" for status, _ in found.values()) else 0), result.stderr
        return found

    return doctor


def write(moongate, name, text, mode=0o600):
    path = moongate.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def token(moongate, seconds, **members):
    """The file that `aws sso login` leaves, with a token that ends in so many seconds."""
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    body = {"startUrl": "https://corp.awsapps.com/start", "region": "eu-central-1", "accessToken": "T0KEN", "expiresAt": end}
    write(moongate, f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json", json.dumps(body | members))


def put(name, text="", mode=0o600):
    return lambda moongate: write(moongate, name, text, mode)


def both(*steps):
    return lambda moongate: [step(moongate) for step in steps]


def nothing(moongate):
    pass


def folder(name, mode=0o700):
    def make(moongate):
        (moongate.home / name).mkdir(parents=True)
        (moongate.home / name).chmod(mode)

    return make


def link(name, target="/dev/null"):
    return both(folder(name.rpartition("/")[0]), lambda moongate: (moongate.home / name).symlink_to(target))


def sso(seconds, **members):
    return both(put(".aws/config", SSO), lambda moongate: token(moongate, seconds, **members))


def profile(*lines):
    return put(".aws/config", "\n".join(["[default]", *lines, ""]))


# What is broken: what is done, the command line, the environment, and then the check that notices, what it calls it, and what
# it says.
BROKEN = {
    "a configuration that is a folder": (
        folder(".config/moongate/config"), WELL, {}, "configuration", "problem", "cannot be read: not a regular file"),
    "a setting that is none": (
        put(".config/moongate/config", "[moongate]\nproducton = x\n"), WELL, {}, "configuration", "problem",
        "config:2: there is no setting 'producton'; did you mean production?"),
    "signers that are not there": (
        put(".config/moongate/config", "[trust]\nallowed_signers = ~/nowhere\n"), WELL, {}, "snippets", "problem", "nowhere"),
    "a registry that is not there": (
        put(".config/moongate/config", "[registry team]\nurl = ~/nowhere\n"), WELL, {}, "snippets", "warning",
        "the registry team has no snippets"),
    "a lock that was cut off": (
        put(".local/share/moongate/snippets/snippets.lock", "{"), WELL, {}, "snippets", "problem", "snippets.lock"),
    "no HOME": (nothing, WELL, {"HOME": ""}, "home", "warning", "HOME is not set"),
    "a state folder that is a file": (
        put(".local/state/moongate"), WELL, {}, "audit log", "problem", ".local/state/moongate is no folder"),
    "a state folder that others see": (
        folder(".local/state/moongate", 0o755), WELL, {}, "history", "warning", "chmod 700"),
    "an audit log elsewhere": (link(".local/state/moongate/audit.log"), WELL, {}, "audit log", "problem", "audit.log"),
    "a history elsewhere": (
        link(".local/state/moongate/history"), WELL, {}, "history", "problem", "history is a symbolic link"),
    "an audit log that leads nowhere": (
        link(".local/state/moongate/audit.log", "nowhere"), WELL, {}, "audit log", "problem", "audit.log"),
    "a history that leads nowhere": (
        link(".local/state/moongate/history", "nowhere"), WELL, {}, "history", "problem", "history is a symbolic link"),
    "a home that is no folder": (
        nothing, WELL, {"HOME": "/dev/null"}, "history", "problem", "set HOME or XDG_STATE_HOME to a folder of yours"),
    "a state folder in a folder that nothing can be made in": (
        nothing, WELL, {"XDG_STATE_HOME": "/proc/self/none/state"}, "history", "problem",
        "cannot be made: /proc/self"),
    "an audit log that others write": (
        both(folder(".local/state/moongate"), put(".local/state/moongate/audit.log", mode=0o666)), WELL, {}, "audit log",
        "problem", "must be a regular file of yours that nobody else can write to"),
    "letters that are not UTF-8": (nothing, WELL, {"LC_ALL": "C"}, "locale", "warning", "LC_ALL=C: letters beyond ASCII"),
    "an editor that is not there": (
        nothing, WELL, {"EDITOR": "/nowhere/vim -u x"}, "editor", "warning", "there is no editor /nowhere/vim"),
    "a file of AWS's that is none": (
        put(".aws/config", "[profile dev\n"), AT_AWS, {}, "AWS files", "problem", "~/.aws/config"),
    "keys that others read": (
        put(".aws/credentials", "[default]\n", 0o644), AT_AWS, {}, "AWS files", "warning",
        "others on this machine may read ~/.aws/credentials | chmod 600 ~/.aws/credentials"),
    "keys in a configuration that others read": (
        put(".aws/config", "[default]\naws_secret_access_key = s3cr3t\n", 0o644), AT_AWS, {}, "AWS files", "warning",
        "others on this machine may read ~/.aws/config | chmod 600 ~/.aws/config"),
    "a configuration without keys that others read": (
        put(".aws/config", "[default]\nregion = eu-west-1\n", 0o644), AT_AWS, {}, "AWS files", "ok", "~/.aws/config"),
    "a profile whose title is that of the credentials file": (
        put(".aws/config", "[prod]\nregion = eu-west-1\n"), ["--profile", "prod", "--offline"], {}, "profile", "problem",
        "They hold no profile. [prod] in ~/.aws/config must be [profile prod]."),
    "a profile that is not there": (
        profile(), ["--profile", "nobody", "--offline"], {}, "profile", "problem", "nobody"),
    "an indented line": (
        profile("region = eu-west-1", "  output = json"), ["--offline"], {}, "profile", "problem", "Remove the indent"),
    "no region": (nothing, ["--offline"], NOTHING, "region", "problem", "No region is configured. Looked at --region"),
    "a region that is mistyped": (
        nothing, ["--offline", "--region", "eu-centrall-1"], {}, "region", "warning", "did you mean eu-central-1?"),
    "an endpoint without TLS": (
        nothing, ["--offline", "--endpoint", "http://example.com"], {}, "profile", "problem", "signed requests may go to"),
    "FIPS at an endpoint of one's own": (
        nothing, [*AT_AWS, "--endpoint", "https://example.com"], {"AWS_USE_FIPS_ENDPOINT": "true"}, "endpoint", "problem",
        "FIPS and custom endpoint are not supported"),
    "a proxy that is none": (
        nothing, AT_AWS, {"HTTPS_PROXY": "gopher://u:s3cr3t@host"}, "proxy", "problem", "HTTPS_PROXY names no proxy | write it as"),
    "a proxy with a secret and without a host": (
        nothing, AT_AWS, {"HTTPS_PROXY": "socks9://user:s3cr3t"}, "proxy", "problem", "HTTPS_PROXY names no proxy | write it as"),
    "a proxy with a password": (
        nothing, AT_AWS, {"https_proxy": "http://u:s3cr3t@127.0.0.1:1"}, "proxy", "ok",
        "http://***:***@127.0.0.1:1 (from https_proxy)"),
    "a CA bundle that is not there": (
        nothing, AT_AWS, {"AWS_CA_BUNDLE": "/nowhere.pem"}, "certificates", "problem",
        "the CA bundle /nowhere.pem cannot be read: No such file or directory (from AWS_CA_BUNDLE)"),
    "no credentials": (nothing, AT_AWS, NOTHING, "credentials", "problem", "No credentials were found. Looked at"),
    "no credentials but perhaps an instance's": (
        nothing, AT_AWS, {"AWS_EC2_METADATA_DISABLED": "false"}, "credentials", "warning",
        "asks the metadata service http://169.254.169.254"),
    "half of a pair of keys": (
        nothing, AT_AWS, {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"}, "credentials", "problem", "AWS_SECRET_ACCESS_KEY"),
    "a token that has ended": (
        sso(-60), ["--offline", "--region", "eu-central-1"], {}, "credentials", "problem", "aws sso login"),
    "a token that can be renewed": (
        sso(-60, clientId="c", clientSecret="s3cr3t", registrationExpiresAt="2099-01-01T00:00:00Z", refreshToken="s3cr3t"),
        AT_AWS, {}, "credentials", "ok", "a run gets them from https://oidc.eu-central-1.amazonaws.com"),
    "a role": (
        profile("role_arn = arn:aws:iam::123456789012:role/R", "credential_source = Environment"), AT_AWS, CREDENTIALS,
        "credentials", "ok", "…MPLE from"),
    "a role of a profile": (
        profile("role_arn = arn:aws:iam::123456789012:role/R", "source_profile = base", "[profile base]",
                "aws_access_key_id = AKIDEXAMPLE", "aws_secret_access_key = s3cr3t"), AT_AWS, {},
        "credentials", "ok", "a run gets them from https://sts.eu-central-1.amazonaws.com; that was not done here"),
    "a process that gives keys": (
        profile("credential_process = touch ran; false"), AT_AWS, {}, "credentials", "ok", "the command of credential_process"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_it_names_what_is_broken(moongate, doctor, broken):
    make, words, environment, check, status, said = BROKEN[broken]
    make(moongate)
    found = doctor(*words, env=environment)
    assert found[check][0] == status and said in found[check][1], found[check]
    told = json.dumps(found)
    assert "s3cr3t" not in told and CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in told and "T0KEN" not in told
    assert not (moongate.folder / "ran").exists()


def test_where_nothing_is_broken_it_says_so_of_each(moongate):
    result = moongate("doctor", "--local", env=NOTHING)
    assert result.code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert {row[0] for row in rows} == {"ok"}, result.stdout
    assert result.line().startswith("all is well; sent: ListGateways to http://127.0.0.1:") and result.line().endswith("/, unsigned")


def state(folder):
    """Everything below a folder, with modes, times and bytes."""
    return {
        str(path): (status.st_mode, status.st_mtime_ns, path.is_file() and path.read_bytes())
        for path in [folder, *folder.rglob("*")]
        for status in [path.stat()]
    }


def test_it_makes_and_changes_nothing(moongate):
    """A home that has everything, and more open to others than a run would leave it."""
    write(moongate, ".config/moongate/config", "[moongate]\nhistory = on\n", 0o644)
    write(moongate, ".local/state/moongate/history", "", 0o644)
    write(moongate, ".local/state/moongate/audit.log", "", 0o644)
    write(moongate, ".aws/config", "[default]\nregion = eu-west-1\n", 0o644)
    before = state(moongate.home)
    moongate("doctor", "--local")
    moongate("doctor", "--offline", env=NOTHING)
    assert state(moongate.home) == before


def test_a_world_that_is_not_there_is_not_made(moongate, doctor):
    folder = moongate.folder / "new"
    assert doctor("--data", str(folder), *WELL)["world"] == ("ok", f"none in {folder}; a run makes it")
    assert not folder.exists()
    folder.mkdir()
    assert doctor("--data", str(folder), *WELL)["world"][0] == "ok" and not list(folder.iterdir())
    status, said = doctor("--data", "/proc/self/none", *WELL)["world"]
    assert status == "problem" and "name another folder with --data" in said


def test_a_folder_right_below_the_root_can_be_made_by_root(doctor):
    found = doctor(*WELL, env={"XDG_STATE_HOME": "/nowhere-at-all"})["history"][0]
    assert found == ("ok" if os.access("/", os.W_OK) else "problem") and not os.path.exists("/nowhere-at-all")


def test_what_is_wrong_with_a_file_is_said_once(moongate, doctor):
    write(moongate, ".aws/config", "[default\n")
    assert [check for check, (status, _) in doctor(*AT_AWS).items() if status == "problem"] == ["AWS files"]


@pytest.mark.parametrize("library, check", [("libcrypto.so.3", "libcrypto"), ("libcurl.so.4", "libcurl")])
def test_a_library_that_cannot_be_opened(moongate, doctor, library, check):
    (moongate.folder / "libraries").mkdir()
    (moongate.folder / f"libraries/{library}").write_bytes(b"none")
    status, said = doctor("--local", "--offline", env={"LD_LIBRARY_PATH": str(moongate.folder / "libraries")})[check]
    assert status == "problem" and "cannot be opened (" in said and "in the package lib" in said


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_kernel_without_landlock(moongate):
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=landlock_create_ruleset:error=ENOSYS"]
    done = subprocess.run(
        [*trace, BINARY, "doctor", "--local", "--offline", "--output", "json"], env=moongate.environment(),
        capture_output=True, text=True, timeout=PATIENCE)  # fmt: skip
    assert done.returncode == 1
    status, said = findings(done)["sandbox"]
    assert status == "problem" and "cannot be locked in (Landlock" in said and "Linux 5.13" in said


# A terminal


def at_terminal(moongate, **environment):
    text, status = pexpect.run(
        f"{BINARY} doctor --local --offline", env=moongate.environment(environment), withexitstatus=True, timeout=PATIENCE,
        encoding="utf-8")  # fmt: skip
    return status, text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "term, said",
    [
        ("xterm-256color", "terminal       xterm-256color, 80 × 24, colours"),
        ("nonsense", "terminal       TERM is 'nonsense', which this system does not know"),
        ("dumb", "terminal       TERM is dumb: the prompt works, without colours"),
        ("", "terminal       TERM is not set"),
    ],
)
def test_a_terminal_is_looked_at_where_there_is_one(moongate, term, said):
    status, text = at_terminal(moongate, TERM=term, NO_COLOR="" if "256" in term else "1")
    assert status == 0
    assert said in text.replace("\x1b[32m", "").replace("\x1b[0m", ""), text
    # What does not fit goes on below, under itself.
    assert all(len(line) <= 80 or "\x1b" in line for line in text.splitlines()), text


# What is sent


def test_one_unsigned_request_and_with_offline_none(moongate, doctor, canned):
    server = canned(lambda request: Raw('{"__type":"MissingAuthenticationTokenException"}', 400))
    place = ["--endpoint", server.endpoint, "--region", "eu-central-1"]
    assert doctor("--offline", *place, env=CREDENTIALS)["connection"] == ("skipped", "--offline sends nothing")
    assert server.requests == []
    found = doctor(*place, env=CREDENTIALS)
    assert found["connection"][0] == "ok" and "HTTP 400" in found["connection"][1]
    assert found["credentials"] == ("ok", "…MPLE from environment variables")
    (request,) = server.requests
    assert (request.operation, request.json) == ("ListGateways", {"MaxResults": 1})
    assert not [name for name in request.headers if name.lower() in ("authorization", "x-amz-security-token", "x-amz-date")]


def test_a_login_page_is_not_the_service(doctor, canned):
    server = canned(lambda request: Raw("<html>Sign in</html>", 200, {"Content-Type": "text/html"}))
    status, said = doctor("--endpoint", server.endpoint, "--region", "eu-central-1")["connection"]
    assert status == "problem" and "is not AWS (HTTP 200) | is the endpoint right, or does a proxy" in said


def test_signed_calls_once_and_tells_what_came_of_it(moongate, doctor, gateway):
    place = ["--endpoint", gateway.endpoint, "--region", gateway.region, "--signed"]
    found = doctor(*place, env=gateway.environment)
    assert found["signed call"][0] == "ok" and "ListGateways with …OCAL from " in found["signed call"][1]
    status, said = doctor(*place, env=CREDENTIALS)["signed call"]
    assert status == "problem" and "UnrecognizedClientException" in said


def test_an_endpoint_that_refuses(doctor):
    status, said = doctor("--endpoint", "http://127.0.0.1:1", "--region", "eu-central-1")["connection"]
    assert status == "problem"
    assert "cannot connect to 127.0.0.1:1: Connection refused. The endpoint comes from --endpoint." in said


def test_a_proxy_that_does_not_answer(doctor):
    status, said = doctor("--region", "eu-central-1", env={"https_proxy": "http://127.0.0.1:1"})["connection"]
    assert status == "problem" and "through the proxy http://127.0.0.1:1" in said


@pytest.mark.parametrize(
    "skew, status, said",
    [("+20m", "warning", "behind the endpoint's"), ("-2h", "warning", "2h ahead of the endpoint's"), ("+1m", "ok", "within what AWS takes")],
)
def test_a_clock_that_is_off(doctor, skew, status, said):
    with LocalGateway("--ephemeral", "--fault", f"skew={skew}") as gateway:
        found = doctor("--endpoint", gateway.endpoint, "--region", gateway.region)["clock"]
    assert found[0] == status and said in found[1]


# The command line


@pytest.mark.parametrize(
    "words, said",
    [
        (["--offline", "--signed"], "give one of the two"),
        (["prod"], "doctor takes options only"),
        (["--output", "csv"], "doctor writes table or json"),
        (["--dry-run"], "--dry-run does nothing in moongate doctor"),
        (["--seed", "empty"], "--seed does nothing in moongate doctor"),
    ],
)
def test_what_it_does_not_take(moongate, words, said):
    result = moongate("doctor", *words)
    assert (result.code, result.stdout) == (252, "") and said in result.stderr
