# SigV4 by botocore, which is not ours: it checks what our client signed, and signs what our gateway must refuse.
import datetime
import re
import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "backup-gateway"
TARGET = "BackupOnPremises_v20210101"
_authorization = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def signed_headers(request):
    """The names of the headers that a received request says are signed."""
    return _authorization.fullmatch(request.headers["Authorization"])[5].split(";")


def verify(request, secret, region, *, endpoint, access_key="AKIDEXAMPLE", token=None):
    """Asserts that botocore computes the same signature for a received request."""
    match = _authorization.fullmatch(request.headers.get("Authorization", ""))
    assert match, f"this is no SigV4 header: {request.headers.get('Authorization')}"
    key, day, signed_region, service, names, signature = match.groups()
    assert (key, signed_region, service) == (access_key, region, SERVICE)
    names = names.split(";")
    date = request.headers["X-Amz-Date"]
    assert date.startswith(day)
    assert {"host", "x-amz-date", "x-amz-target", "content-type"} <= set(names)
    assert request.headers.get("X-Amz-Security-Token") == token
    assert (token is not None) == ("x-amz-security-token" in names)

    # Scheme, host and port do not count: the path does, and the Host header as it was received.
    origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(endpoint))
    twin = AWSRequest(method=request.method, url=origin + request.path, data=request.body)
    for name in names:
        twin.headers[name] = request.headers[name]
    twin.context["timestamp"] = date
    signer = SigV4Auth(Credentials(key, secret), SERVICE, region)
    canonical = signer.canonical_request(twin)
    expected = signer.signature(signer.string_to_sign(twin, canonical), twin)
    assert signature == expected, f"botocore signs differently; its canonical request:\n{canonical}"


class Signed:
    """A request signed by botocore at any time of day, to be altered and sent as it is."""

    def __init__(
        self, gateway, operation, body=b"{}", *, access_key=None, secret=None, token=None, service=SERVICE, minutes=0,
        cbor=False,
    ):  # fmt: skip
        self.gateway = gateway
        if cbor:
            path = f"/service/{TARGET}/operation/{operation}"
            headers = {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
        else:
            path = "/"
            headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{TARGET}.{operation}"}
        request = AWSRequest(method="POST", url=gateway.endpoint + path, data=body, headers=headers)
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
        credentials = Credentials(access_key or gateway.access_key, secret or gateway.secret_key, token)
        # What SigV4Auth.add_auth does, with a clock of our own.
        signer = SigV4Auth(credentials, service, gateway.region)
        signer._modify_request_before_signing(request)
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signer._inject_signature_to_request(request, signature)
        self.headers = dict(request.headers)
        self.body = body
        self.path = path
        self.method = "POST"

    def send(self):
        """Status, headers and body of the answer, whatever it is."""
        return send(self.gateway.endpoint + self.path, self.body, self.headers, self.method)


def send(url, body, headers=None, method="POST"):
    """The same of any request."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()
