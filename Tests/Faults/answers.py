# What the servers of the table answer: each wrong in one way.
import gzip
import json

from canned_server import GATEWAY, Raw, Wire
from faults import sends, stalls

BODY = json.dumps({"Gateway": GATEWAY}).encode()
PAGE = json.dumps({"Gateways": [GATEWAY]}).encode()
CREATED = {"GatewayArn": GATEWAY["GatewayArn"]}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
HTML = "<html><body>Please sign in to Coffee Wifi</body></html>"


def length(number):
    return HEAD + b"Content-Length: %d\r\n\r\n" % number


def whole(body):
    return length(len(body)) + body


def error(code, status=400, message="boom", **headers):
    return Raw(json.dumps({"__type": code, "message": message}), status, headers)


def gateway_with(text):
    """A gateway with these members, as JSON text or bytes."""
    text = text if isinstance(text, bytes) else text.encode()
    return Raw(b'{"Gateway":{"GatewayArn":"%s",%s}}' % (GATEWAY["GatewayArn"].encode(), text))


def first(*answers, then):
    """These answers one after the other, then the last one for ever."""

    def answer(request, number):
        return answers[number - 1] if number <= len(answers) else then

    return answer


def with_tokens(token):
    """Pages of one gateway; `token(number)` of each page."""
    return lambda request, number: {"Gateways": [GATEWAY], "NextToken": token(number)}


def by_operation(**answers):
    """Another answer for each operation."""
    return lambda request, number: answers[request.operation]


def gzip_bomb():
    return Raw(gzip.compress(b" " * (256 << 20), 1), headers={"Content-Encoding": "gzip"})


def many_items(count):
    """A page of `count` gateways, 31 MB at 400,000."""
    item = b'{"GatewayArn":"arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-1"}'
    return Raw(b'{"Gateways":[%s]}' % b",".join([item] * count))


def redirect(location, status=307):
    return Raw(b"", status, {"Location": location})


RESET = sends(b"", reset=True)
# Bytes of a second answer behind the first, on a connection that stays open.
TWO_ANSWERS = stalls(whole(BODY) + whole(BODY.replace(b"dc1-gateway", b"SMUGGLED")))
# Whole and correct, but nothing tells that the connection ends then.
CLOSED_AFTER = sends(whole(BODY))
CLOSED_AFTER_CREATING = sends(whole(json.dumps(CREATED).encode()))

__all__ = [name for name in dir() if not name.startswith("_") and name not in ("Wire", "gzip", "json")]
