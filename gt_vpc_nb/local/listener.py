"""A port of 127.0.0.1: takes requests of tools that know AWS by its address alone, and hands them to one function."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from botocore.compat import HTTPHeaders

from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.breakdowns import ConnectionLost
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.wire import as_sent, body_of, kept_headers

ADDRESS = "127.0.0.1"
_NOT_US = b"The local AWS answers requests to 127.0.0.1 alone.\n"
#: How much of what a refused sender still sends is read, so that it gets to read the answer.
_PATIENCE_SECONDS, _PATIENCE_BYTES = 2.0, 64 * 2**20


@dataclass(frozen=True)
class Received:
    """A request as it came in; `target` is the request line's. `trouble` says why its body could not be read."""

    method: str
    target: str
    headers: HTTPHeaders
    body: bytes
    trouble: ApiError | None = None


Carry = Callable[[Received], Answer]


class Listener:
    """An open port. `carry` answers each request; when it raises ConnectionLost, the connection is closed instead."""

    def __init__(self, carry: Carry) -> None:
        self._server = _Server(carry)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://{ADDRESS}:{self._server.port}"

    def close(self) -> None:
        """Closes the port and every connection that is still open."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()


class _Server(socketserver.ThreadingTCPServer):
    """One thread a connection. Not http.server's own server: that one looks up the machine's name first."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, carry: Carry) -> None:
        super().__init__((ADDRESS, 0), _Handler)
        self.carry = carry
        self.port: int = self.server_address[1]
        self.hosts = {f"{ADDRESS}:{self.port}", f"localhost:{self.port}"}
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in tuple(self._open):
            _quietly(lambda connection=connection: connection.shutdown(socket.SHUT_RDWR))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender went away; there is nobody to tell."""


class _Handler(BaseHTTPRequestHandler):
    """Reads requests and writes answers; everything about AWS is decided by the server's `carry`."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "local-aws", ""
    disable_nagle_algorithm = True
    timeout = 60

    def handle_expect_100(self) -> bool:
        """A sender that waits before it sends its body is told to go on at once, unless it is refused anyway."""
        return super().handle_expect_100() if self._is_for_us() else True

    def answer(self) -> None:
        """Answers one request, or closes the connection."""
        if not self._is_for_us():
            # A page on the web can let its own host name point here (DNS rebinding); it is not let in.
            self._send((403, {"Content-Type": "text/plain"}, _NOT_US), close=True)
            return
        try:
            received = self._received()
            self._send(self.server.carry(received), close=received.trouble is not None)
        except (ConnectionLost, EOFError):
            self.close_connection = True

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = answer  # noqa: N815

    def _is_for_us(self) -> bool:
        hosts = self.headers.get_all("Host", [])
        return len(hosts) == 1 and hosts[0].lower() in self.server.hosts and self.path.startswith("/")

    def _received(self) -> Received:
        headers = kept_headers(self.headers)
        try:
            return Received(self.command, self.path, headers, body_of(self.headers, self.rfile))
        except ApiError as trouble:
            return Received(self.command, self.path, headers, b"", trouble)

    def _send(self, answer: Answer, *, close: bool) -> None:
        self.close_connection |= close
        date = self.date_time_string()
        self.wfile.write(as_sent(answer, head=self.command == "HEAD", close=self.close_connection, date=date))
        if close:
            _quietly(self._hear_out)

    def _hear_out(self) -> None:
        """A socket closed with something unread resets the connection, and the sender would miss the answer."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_PATIENCE_SECONDS)
        left = _PATIENCE_BYTES
        while left > 0 and (unread := len(self.connection.recv(65536))):
            left -= unread

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is written to the terminal; `aws.log` has what was decided."""


def _quietly(act: Callable[[], object]) -> None:
    with contextlib.suppress(OSError):
        act()
