# A TLS server on loopback that speaks HTTP/2 if its client offers it, and counts connections and streams.
import json
import socket
import threading

import h2.config
import h2.connection
import h2.events


class HTTP2Server:
    """Answers every request with `body` as JSON, after `delay` seconds. `tls` is an ssl.SSLContext."""

    def __init__(self, tls, body, delay=0.0):
        self.body, self.delay = json.dumps(body).encode(), delay
        self.protocols, self.requests = [], []
        tls.set_alpn_protocols(["h2"])
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._socket.getsockname()[1]
        self.endpoint = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._socket.close()

    def _accept(self):
        while True:
            try:
                raw, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self._tls.wrap_socket(raw, server_side=True) as connection:
                self.protocols.append(connection.selected_alpn_protocol())
                self._speak(connection)
        except OSError:
            pass  # the client may go

    def _speak(self, connection):
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        lock = threading.Lock()

        def answer(stream):
            with lock:
                headers = [(":status", "200"), ("content-type", "application/x-amz-json-1.0"), ("x-amzn-requestid", "h2")]
                state.send_headers(stream, headers)
                frame = state.max_outbound_frame_size
                for start in range(0, len(self.body), frame):
                    state.send_data(stream, self.body[start : start + frame])
                state.end_stream(stream)
                connection.sendall(state.data_to_send())

        with lock:
            state.initiate_connection()
            connection.sendall(state.data_to_send())
        while data := connection.recv(65536):
            with lock:
                events = state.receive_data(data)
                pending = state.data_to_send()
                if pending:
                    connection.sendall(pending)
            for event in events:
                if isinstance(event, h2.events.RequestReceived):
                    self.requests.append({str_of(name): str_of(value) for name, value in event.headers})
                if isinstance(event, h2.events.StreamEnded):
                    threading.Timer(self.delay, answer, [event.stream_id]).start()


def str_of(value):
    return value.decode() if isinstance(value, bytes) else value
