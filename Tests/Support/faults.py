# Answers that are broken in one way, for CannedServer, and certificates and a proxy to go with them.
import contextlib
import os
import re
import select
import socket
import socketserver
import ssl
import struct
import threading
import time
from datetime import datetime, timedelta, timezone

import trustme

from canned_server import Wire
from moongate import CREDENTIALS

# The session token of the tests of faults, and exit codes.
TOKEN = "FwoGZXIvYXdzEBYaDHRva2VuLW9mLXRlc3Q"
CONFIGURATION, SERVICE, NETWORK = 253, 254, 255


def checked(result):
    """A result that is no crash and gives no secret away."""
    assert result.code < 128 or result.code in (129, 130, 141, 143) or result.code >= 250, (
        f"died with {result.code}: {result.stderr}"
    )
    for output in (result.stdout, result.stderr):
        assert "Fatal error" not in output
        assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in output
        assert TOKEN not in output
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", output), f"control characters: {output!r}"
    assert len(result.stderr) < 2000
    return result


def sends(data, reset=False):
    """These bytes, and then the end of the connection: a proper one, or a reset."""

    def write(connection, closing):
        connection.sendall(data)
        if reset:
            time.sleep(0.1)  # a reset overtakes what has not been read yet
            _reset(connection)

    return Wire(write)


def stalls(data=b""):
    """These bytes, and nothing more on a connection that stays open."""

    def write(connection, closing):
        connection.sendall(data)
        closing.wait()

    return Wire(write)


def drips(data):
    """These bytes, five a second."""

    def write(connection, closing):
        for byte in data:
            if closing.wait(0.2):
                return
            connection.sendall(bytes([byte]))

    return Wire(write)


class Authority:
    """A certificate authority that nobody knows, and certificates of it for servers on 127.0.0.1."""

    def __init__(self, folder):
        self._ca = trustme.CA()
        self.bundle = folder / "authority.pem"
        self._ca.cert_pem.write_to_path(self.bundle)

    def server(self, *names, days=1):
        """What a server needs for these names (127.0.0.1 if none is given); it ends `days` from now."""
        end = datetime.now(timezone.utc) + timedelta(days=days)
        certificate = self._ca.issue_cert(
            *(names or ["127.0.0.1"]), not_before=end - timedelta(days=30), not_after=end
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


@contextlib.contextmanager
def _serving(handler):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


@contextlib.contextmanager
def hangs_up(reset):
    """A server that ends every connection when the first bytes arrive; it yields its port and the list of these."""
    arrived = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            arrived.append(self.request.recv(65536))
            if reset:
                _reset(self.request)

    with _serving(Handler) as port:
        yield port, arrived


@contextlib.contextmanager
def tunnel(target_port, status="200 Connection established"):
    """A proxy that answers CONNECT and leads to this port of 127.0.0.1 whatever host it is asked for; it yields its
    address and the list of what it was asked."""
    asked = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            head = []
            while (line := self.rfile.readline().strip()) != b"":
                head.append(line.decode())
            asked.append(head)
            self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            if not status.startswith("200"):
                return
            with socket.create_connection(("127.0.0.1", target_port)) as target:
                ends = {self.connection: target, target: self.connection}
                while True:
                    for source in select.select(list(ends), [], [])[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        ends[source].sendall(data)

    with _serving(Handler) as port:
        yield f"127.0.0.1:{port}", asked
