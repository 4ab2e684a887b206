# Secrets that are planted, each with a text that means nothing else, and those who hand them out or repeat them: services
# that quote what they were sent, and every place that keys can come from.
import hashlib
import json
import shlex
import socket
import threading
import time
import urllib.parse
from contextlib import contextmanager

from canned_server import GATEWAY, Raw, one_gateway

REGION = "eu-central-1"

# Every kind of secret, each with a text that means nothing else. Those of AWS look as AWS's do.
SECRETS = {
    "the secret key": "wPLANTEDk1+static/K7MDENGbPxRfiCYzSECRET",
    "the session token": "FwoGPLANTEDsession//token+1==",
    "the secret key of a profile": "wPLANTEDk2+profile/K7MDENGbPxRfiCYzSECRT",
    "a process's secret key": "wPLANTEDk3+process/K7MDENGbPxRfiCYzSECRT",
    "a process's session token": "FwoGPLANTEDprocess//token+2==",
    "a role's secret key": "wPLANTEDk4+roles77/K7MDENGbPxRfiCYzSECRT",
    "a role's session token": "FwoGPLANTEDrole//token+3==",
    "the web identity": "eyJPLANTEDwebidentity.eyJzdWIiOiJ4In0.sig_nature-4",
    "the token of the portal": "aoaPLANTEDportal-access-5",
    "the token that renews it": "aorPLANTEDportal-refresh-6",
    "the renewed token": "aoaPLANTEDportal-access-7",
    "the next token that renews it": "aorPLANTEDportal-refresh-8",
    "the client secret of the portal": "eyPLANTEDclient.secret-9",
    "the token of the metadata service": "AQAEPLANTEDmetadata-10==",
    "the token of the container": "PLANTEDcontainer-auth-11",
    "the password of the proxy": "PLANTEDproxy-p4ss-12",
    "a hypervisor's password": "PLANTEDhyper-P4ss\"w\\ord-13",
    "a hypervisor's user": "PLANTEDroot@vsphere.local-14",
    "a secret that the script declares": "PLANTEDdeclared-15 with spaces",
    "the code of the device": "83PLANTED746-16",
}  # fmt: skip


def quoted(request):
    """All that a request says, its head and its body: what a service may repeat."""
    return f"{request.method} {request.path}\n{request.headers}\n{request.body.decode('utf-8', 'replace')}"


def error(code, status=400, text=""):
    return Raw(json.dumps({"__type": code, "message": text}), status)


# What a service may say, and worse.
ANSWERS = {
    "an answer": one_gateway(),
    "AccessDenied": lambda request: error("AccessDeniedException", 403, "User is not authorized " + quoted(request)),
    "SignatureDoesNotMatch": lambda request: error(
        "InvalidSignatureException", 403,
        "The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n"
        f"'{quoted(request)}'"),
    "no JSON": lambda request: Raw("<html>" + quoted(request)),
    "half an answer": lambda request: Raw('{"Gateway": {"GatewayDisplayName": "' + quoted(request)),
    "500": lambda request: Raw(quoted(request), 500),
    "no answer": lambda request: None,
}  # fmt: skip


def keys(kind, key, token="Token", **more):
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return {
        "AccessKeyId": key, "SecretAccessKey": SECRETS[f"{kind} secret key"], token: SECRETS[f"{kind} session token"],
        "Expiration": end, **more,
    }  # fmt: skip


def roles_keys(request):
    """STS, for AssumeRole and AssumeRoleWithWebIdentity."""
    operation = urllib.parse.parse_qs(request.body.decode())["Action"][0]
    given = keys("a role's", "ASIAROLE", "SessionToken")
    members = "".join(f"<{name}>{text}</{name}>" for name, text in given.items())
    return Raw(
        f"<{operation}Response><{operation}Result><Credentials>{members}</Credentials></{operation}Result>"
        f"</{operation}Response>", headers={"Content-Type": "text/xml"})  # fmt: skip


def metadata(request):
    if request.method == "PUT":
        return Raw(SECRETS["the token of the metadata service"])
    if request.path.endswith("security-credentials/"):
        return Raw("web-server")
    return keys("a role's", "ASIAINSTANCE", Code="Success", Type="AWS-HMAC")


def portal(request):
    if request.path == "/oidc/token":
        return {
            "accessToken": SECRETS["the renewed token"], "expiresIn": 28_800,
            "refreshToken": SECRETS["the next token that renews it"],
        }  # fmt: skip
    secret, token = SECRETS["a role's secret key"], SECRETS["a role's session token"]
    return {"roleCredentials": {
        "accessKeyId": "ASIASSO", "secretAccessKey": secret, "sessionToken": token,
        "expiration": int(time.time() + 3600) * 1000,
    }}  # fmt: skip


def from_environment(tour, source):
    return {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRETS["the secret key"],
        "AWS_SESSION_TOKEN": SECRETS["the session token"],
    }  # fmt: skip


def profile(tour, text):
    tour.give(tour.home / ".aws/config", text)
    return {}


BASE = f"[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = {SECRETS['the secret key of a profile']}\n"


def from_profile(tour, source):
    return {**profile(tour, BASE), "AWS_PROFILE": "base"}


def from_process(tour, source):
    answer = json.dumps(keys("a process's", "ASIAPROCESS", "SessionToken", Version=1))
    # A process that fails says what it was about to say.
    script = tour.give(tour.home / "bin/keys", f"""#!/bin/sh
cat >/dev/null <<'END'
END
printf '%s' {shlex.quote(answer)}
{"" if source else "exit 3"}
""", 0o700)
    return profile(tour, f"[default]\ncredential_process = {script}\n")


def from_role(tour, source):
    return profile(tour, BASE + "[default]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n")


def from_web_identity(tour, source):
    token = tour.give(tour.home / "token", SECRETS["the web identity"])
    return {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x", "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}


def from_portal(tour, source):
    start = "https://corp.awsapps.com/start"
    text = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    path = tour.home / ".aws/sso/cache" / (hashlib.sha1(b"corp").hexdigest() + ".json")
    tour.give(path, json.dumps({
        "startUrl": start, "region": REGION, "accessToken": SECRETS["the token of the portal"], "expiresAt": text(60),
        "clientId": "client", "clientSecret": SECRETS["the client secret of the portal"],
        "registrationExpiresAt": text(86_400), "refreshToken": SECRETS["the token that renews it"],
    }))  # fmt: skip
    # Where every tool of AWS's keeps it.
    tour.may_hold.add(path)
    return profile(tour, "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
                   f"[sso-session corp]\nsso_start_url = {start}\nsso_region = {REGION}\n")


def from_container(tour, source):
    return {"AWS_CONTAINER_AUTHORIZATION_TOKEN": SECRETS["the token of the container"]}


def from_instance(tour, source):
    return {"AWS_EC2_METADATA_DISABLED": "false"}


# The place, and who answers there.
SOURCES = {
    "environment": (from_environment, None),
    "profile": (from_profile, None),
    "process": (from_process, True),
    "a process that fails": (from_process, None),
    "role": (from_role, roles_keys),
    "web identity": (from_web_identity, roles_keys),
    "portal": (from_portal, portal),
    "container": (from_container, lambda request: keys("a role's", "ASIATASK")),
    "instance": (from_instance, metadata),
}


@contextmanager
def talkative_proxy(heads):
    """A proxy that refuses each CONNECT and repeats what it was told."""

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heads.append(connection.recv(1 << 16))
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nX-Said: " + heads[-1].replace(b"\r\n", b" | ")
                                   + b"\r\nContent-Length: 4\r\n\r\nnope")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
