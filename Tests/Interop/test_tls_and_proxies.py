# The command against certificates, bundles and proxies that are not as they should be. Other faults are in test_faults.py.
import subprocess

import pytest

from client import GOOD, OK, SECRET
from client import run  # noqa: F401, a fixture
from faults import CONFIGURATION, NETWORK, Authority, hangs_up, tunnel


# MARK: TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("way", ["variable", "config", "folder"])
def test_an_authority_of_ones_own_is_trusted_when_it_is_named(canned, run, moongate, authority, way):
    server = canned(lambda request: GOOD, tls=authority.server())
    bundle = authority.bundle
    if way == "folder":
        bundle = moongate.folder / "authorities"
        bundle.mkdir()
        (bundle / "mine.pem").write_bytes(authority.bundle.read_bytes())
        subprocess.run(["openssl", "rehash", bundle], check=True)
    if way == "config":
        (moongate.home / ".aws").mkdir()
        (moongate.home / ".aws/config").write_text(f"[default]\nca_bundle = {bundle}\n")
        result = run(server.endpoint)
    else:
        result = run(server.endpoint, AWS_CA_BUNDLE=str(bundle))
    assert (result.code, result.stdout, result.stderr) == (OK, "dc1-gateway\n", "")


@pytest.mark.parametrize(
    "names, days, trusted, words",
    [
        ([], 1, False, "comes from an authority that"),
        ([], -1, True, "has expired"),
        ([], 60, True, "is not valid yet"),
        (["other.example"], 1, True, "is for another host"),
    ],
    ids=["unknown_authority", "expired", "not_yet_valid", "wrong_host"],
)
def test_a_certificate_that_fails_a_check_gets_no_request(canned, run, authority, names, days, trusted, words):
    server = canned(lambda request: GOOD, tls=authority.server(*names, days=days))
    result = run(server.endpoint, **({"AWS_CA_BUNDLE": str(authority.bundle)} if trusted else {}))
    assert result.code == NETWORK
    assert f"no secure connection to 127.0.0.1:{server.port}: its certificate {words}" in result.line()
    assert "attempts" not in result.line()
    assert server.connections == 1
    assert server.requests == []


@pytest.mark.parametrize(
    "content, words",
    [
        (None, "cannot be read: No such file or directory"),
        ("", "holds no certificate"),
        ("nonsense", "holds no certificate"),
    ],
    ids=["missing", "empty", "nonsense"],
)
def test_a_bundle_that_cannot_be_used_is_named(canned, run, moongate, authority, content, words):
    server = canned(lambda request: GOOD, tls=authority.server())
    bundle = moongate.folder / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    result = run(server.endpoint, AWS_CA_BUNDLE=str(bundle))
    assert f"the CA bundle {bundle} {words}" in result.line()
    assert server.requests == []
    assert "attempts" not in result.line()


def test_a_bundle_that_cannot_be_used_is_a_setting_to_put_right(run, moongate):
    result = run("https://127.0.0.1:1", AWS_CA_BUNDLE=str(moongate.folder / "missing.pem"))
    assert result.code == CONFIGURATION
    assert "AWS_CA_BUNDLE" in result.line()


def test_a_server_that_does_not_speak_tls_says_so(canned, run):
    server = canned(lambda request: GOOD)
    result = run(server.endpoint.replace("http:", "https:"))
    assert result.code == NETWORK
    assert f"no secure connection to 127.0.0.1:{server.port}: what answers there does not speak TLS" in result.line()
    assert server.requests == []


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_connection_that_ends_in_the_handshake_is_tried_again(run, reset):
    with hangs_up(reset) as (port, arrived):
        result = run(f"https://127.0.0.1:{port}")
    assert result.code == NETWORK
    assert f"the connection to 127.0.0.1:{port} broke: ended during the TLS handshake" in result.line()
    assert len(arrived) == 2
    assert not any(b"POST" in data for data in arrived)


# MARK: Proxies


def test_a_request_goes_through_the_proxy_in_a_tunnel(canned, run, authority):
    server = canned(lambda request: GOOD, tls=authority.server("gateway.example"))
    with tunnel(server.port) as (address, asked):
        result = run(
            "https://gateway.example",
            HTTPS_PROXY=f"http://user:hush@{address}",
            AWS_CA_BUNDLE=str(authority.bundle),
        )
    assert (result.code, result.stdout, result.stderr) == (OK, "dc1-gateway\n", "")
    [[request, *fields]] = asked
    assert request == "CONNECT gateway.example:443 HTTP/1.1"
    assert "Proxy-Authorization: Basic dXNlcjpodXNo" in fields  # user:hush
    assert not any(SECRET in field or "AWS4" in field for field in fields)
    assert len(server.requests) == 1
    assert "Proxy-Authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    "status, words, arrivals",
    [
        ("407 Proxy Authentication Required", "does not accept the user and password", 1),
        ("403 Forbidden", "refuses to connect to gateway.example:443 (HTTP 403)", 1),
        ("503 Service Unavailable", "could not connect to gateway.example:443 (HTTP 503)", 2),
    ],
)
def test_a_proxy_that_refuses_is_named_without_its_password(run, status, words, arrivals):
    with tunnel(1, status) as (address, asked):
        result = run("https://gateway.example", HTTPS_PROXY=f"http://user:hush@{address}")
    assert len(asked) == arrivals
    assert f"the proxy http://***:***@{address} {words}" in result.line()
    assert "hush" not in result.stderr
    assert result.code != OK


def test_a_proxy_that_is_not_there_is_named_without_its_password(run):
    result = run("https://gateway.example", https_proxy="user:hush@127.0.0.1:1")
    assert result.code == NETWORK
    assert "through the proxy http://***:***@127.0.0.1:1: Connection refused" in result.line()
    assert "hush" not in result.stderr


def test_a_proxy_that_speaks_tls_is_held_to_the_same_authorities(canned, run, authority):
    proxy = canned(lambda request: GOOD, tls=authority.server())
    address = f"https://127.0.0.1:{proxy.port}"
    result = run("https://gateway.example", HTTPS_PROXY=address)
    assert f"through the proxy {address}: the proxy's certificate comes from an authority" in result.line()
    # With the authority it is spoken to; this one is no proxy, and says 501.
    result = run("https://gateway.example", HTTPS_PROXY=address, AWS_CA_BUNDLE=str(authority.bundle))
    assert f"the proxy {address} could not connect to gateway.example:443 (HTTP 501)" in result.line()
