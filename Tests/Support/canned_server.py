# An HTTP server on loopback that records every request and answers what the test says.
import http.server
import json
import threading
from dataclasses import dataclass


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: object
    body: bytes

    @property
    def operation(self):
        return self.headers.get("X-Amz-Target", "").rpartition(".")[2]

    @property
    def json(self):
        return json.loads(self.body)


class Raw:
    """An answer that is not the usual JSON with status 200."""

    def __init__(self, body=b"", status=200, headers=None):
        self.body = body if isinstance(body, bytes) else body.encode()
        self.status = status
        self.headers = {"Content-Type": "application/x-amz-json-1.0", **(headers or {})}


class Wire:
    """An answer that is no proper HTTP: `write(connection, closing)` sends its bytes itself, on the connection's
    thread, where it may wait for the event `closing`. Then the connection is closed."""

    def __init__(self, write):
        self.write = write


class CannedServer:
    """`answer(request)` returns what is sent as JSON, a Raw, a Wire, or None to close the connection without an
    answer. It is called on the thread of the connection, and may wait there for `closing`. With `tls`, an
    ssl.SSLContext, it speaks HTTPS."""

    def __init__(self, answer, tls=None):
        self.requests = []
        self.connections = 0
        self.closing = threading.Event()
        self.arrived = threading.Condition()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler(answer))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        if tls:
            # The handshake is made by the connection's thread, when it reads.
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self.endpoint = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def wait_for_requests(self, count, seconds=60):
        """True once `count` requests have arrived."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.requests) >= count, seconds)

    def close(self):
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def _handler(server, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # headers and body are two writes; the second would wait 40 ms

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = Request(self.command, self.path, self.headers, body)
                with server.arrived:
                    server.requests.append(request)
                    server.arrived.notify_all()
                reply = answer(request)
                if reply is None:
                    self.close_connection = True
                    return
                # The client may go away meanwhile (`handle` ignores that); a test that minds counts requests.
                if isinstance(reply, Wire):
                    self.close_connection = True
                    reply.write(self.connection, server.closing)
                    return
                if not isinstance(reply, Raw):
                    reply = Raw(json.dumps(reply))
                headers = {"x-amzn-RequestId": "11111111-2222-3333-4444-555555555555", **reply.headers}
                headers.setdefault("Date", self.date_time_string())
                self.send_response_only(reply.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_PUT = do_POST

            def handle(self):
                with server.arrived:
                    server.connections += 1
                try:
                    super().handle()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        return Handler


ACCOUNT = "arn:aws:backup-gateway:us-east-1:123456789012"
GATEWAY = {
    "GatewayArn": f"{ACCOUNT}:gateway/bgw-12A3456B",
    "GatewayDisplayName": "dc1-gateway",
    "GatewayType": "BACKUP_VM",
    "HypervisorId": "hype-9B1AB1F1",
    "LastSeenTime": 1700000000,
    "MaintenanceStartTime": {"DayOfWeek": 0, "HourOfDay": 3, "MinuteOfHour": 30},
}


def virtual_machines(count):
    """`count` virtual machines in the order of their ARNs."""
    return [
        {
            "ResourceArn": f"{ACCOUNT}:vm/vm-{number:016d}",
            "Name": f"vm {number}",
            "HostName": "esx-1",
            "HypervisorId": "hype-9B1AB1F1",
            "Path": f"/dc1/vm/{number}",
        }
        for number in range(count)
    ]


def one_gateway(count=6, page=2):
    """An answer for CannedServer: one gateway, and `count` virtual machines in pages of `page` or MaxResults."""
    machines = virtual_machines(count)

    def answer(request):
        if request.operation == "GetGateway":
            return {"Gateway": GATEWAY}
        if request.operation == "GetVirtualMachine":
            return {"VirtualMachine": {**machines[0], "VmwareTags": []}}
        if request.operation == "ListVirtualMachines":
            start = int(request.json.get("NextToken", "0"))
            end = start + request.json.get("MaxResults", page)
            more = {"NextToken": str(end)} if end < len(machines) else {}
            return {"VirtualMachines": machines[start:end], **more}
        return Raw(json.dumps({"__type": "UnknownOperationException"}), status=400)

    return answer
