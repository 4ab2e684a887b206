# Loads the local gateway: GetVirtualMachine and pages of 1,000 virtual machines, with small and large fleets. Requests are
# signed ahead, so that the driver has little to do: a closed loop of a few connections, each with one request under way.
# The server's processor time is read from /proc, which tells more than the clock where the machine does other things.
import datetime
import hashlib
import hmac
import json
import os
import random
import selectors
import socket
import statistics
import time
from urllib.parse import urlsplit

SERVICE = "backup-gateway"
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 8
# Of one measurement, whichever comes first.
MOST_REQUESTS = 20_000
MOST_SECONDS = 10


def signed(gateway, operation, parameters):
    """The bytes of a request, signed by the published steps of Signature Version 4."""
    host = urlsplit(gateway.endpoint).netloc
    body = json.dumps(parameters).encode()
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "host": host,
        "x-amz-date": now,
        "x-amz-target": f"BackupOnPremises_v20210101.{operation}",
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{gateway.region}/{SERVICE}/aws4_request"
    key = f"AWS4{gateway.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={gateway.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    """One connection to the server, which answers one request after the other."""

    def __init__(self, gateway):
        place = urlsplit(gateway.endpoint)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(4 << 20)

    def send(self, request):
        self.began = time.perf_counter()
        self.have, self.need = 0, None
        self.socket.sendall(request)

    def receive(self):
        """Reads what has arrived; the seconds since the request when the answer is whole, else None."""
        count = self.socket.recv_into(memoryview(self.buffer)[self.have :])
        if not count:
            raise EOFError("the server closed the connection")
        self.have += count
        if self.need is None:
            end = self.buffer.find(b"\r\n\r\n", 0, self.have)
            if end < 0:
                return None
            head = bytes(self.buffer[:end]).lower()
            if not head.startswith(b"http/1.1 200 "):
                raise ValueError(f"the server answers {bytes(self.buffer[: self.have])[:600]!r}")
            self.body = end + 4
            self.need = self.body + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return time.perf_counter() - self.began if self.have == self.need else None

    def ask(self, request):
        """The answer's document, waited for."""
        self.send(request)
        while self.receive() is None:
            pass
        return json.loads(bytes(self.buffer[self.body : self.need]))


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    """Resident memory now and at its highest, in MB."""
    with open(f"/proc/{pid}/status") as file:
        rows = dict(line.split(":", 1) for line in file)
    return [int(rows[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]


def measure(gateway, requests):
    """Sends requests in turn over some connections; requests a second, p50 and p99 in ms, server µs a request."""
    pid = gateway.ready["pid"]
    connections = [Connection(gateway) for _ in range(CONNECTIONS)]
    times = []
    sent = 0
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        before = processor_seconds(pid)
        began = time.perf_counter()
        for connection in connections:
            connection.send(requests[sent % len(requests)])
            sent += 1
        busy = len(connections)
        while busy:
            for key, _ in selector.select():
                took = key.data.receive()
                if took is None:
                    continue
                times.append(took)
                if sent < MOST_REQUESTS and time.perf_counter() - began < MOST_SECONDS:
                    key.data.send(requests[sent % len(requests)])
                    sent += 1
                else:
                    busy -= 1
        wall = time.perf_counter() - began
        spent = processor_seconds(pid) - before
    for connection in connections:
        connection.socket.close()
    times.sort()
    return {
        "rate": len(times) / wall,
        "p50": statistics.median(times) * 1e3,
        "p99": times[min(len(times) - 1, len(times) * 99 // 100)] * 1e3,
        "cpu": spent / len(times) * 1e6,
        "count": len(times),
    }


def walk(gateway):
    """All pages of 1,000 in turn: the parameters of each, and the ARNs of some machines."""
    connection = Connection(gateway)
    pages, arns, parameters = [], [], {"MaxResults": 1000}
    while True:
        pages.append(parameters)
        answer = connection.ask(signed(gateway, "ListVirtualMachines", parameters))
        machines = answer["VirtualMachines"]
        arns += [machine["ResourceArn"] for machine in random.sample(machines, min(50, len(machines)))]
        if "NextToken" not in answer:
            connection.socket.close()
            return pages, random.sample(arns, min(1000, len(arns)))
        parameters = {"MaxResults": 1000, "NextToken": answer["NextToken"]}


def row(title, result):
    print(
        f"  {title:34}{result['rate']:>10,.0f}{result['p50']:>10.2f}{result['p99']:>10.2f}{result['cpu']:>12,.0f}"
        f"{result['count']:>10,}",
        flush=True,
    )


def run(LocalGateway, sizes):
    print(f"\nthe local gateway under load: {CONNECTIONS} connections, at most {MOST_SECONDS} s a row")
    for size in sizes:
        began = time.perf_counter()
        with LocalGateway("--ephemeral", "--vms", size) as gateway:
            pid = gateway.ready["pid"]
            print(f"\n  {size:,} virtual machines: ready after {time.perf_counter() - began:.1f} s")
            print(f"  {'':34}{'req/s':>10}{'p50 ms':>10}{'p99 ms':>10}{'server µs':>12}{'requests':>10}")
            began = time.perf_counter()
            pages, arns = walk(gateway)
            whole = time.perf_counter() - began
            gets = [signed(gateway, "GetVirtualMachine", {"ResourceArn": arn}) for arn in arns]
            row("GetVirtualMachine", measure(gateway, gets))
            # Whole pages only: the last one may be short.
            full = pages[:-1] or pages
            places = {"a page": random.sample(full, min(200, len(full)))}
            if len(full) > 40:
                places |= {"a page of the first 20": full[:20], "a page of the last 20": full[-20:]}
            for title, chosen in places.items():
                requests = [signed(gateway, "ListVirtualMachines", parameters) for parameters in chosen]
                row(title, measure(gateway, requests))
            now, most = memory(pid)
            print(f"  all {len(pages):,} pages in turn took {whole:.1f} s; memory {now:,.0f} MB (most {most:,.0f})")
