"""A real SMTP server and a real HTTP server that fail on demand."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """What came in. ``refused`` addresses get a 550, ``busy`` ones a 451; ``after`` runs once a mail is in."""

    mails: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    after: Any = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        if address in self.busy:
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.after:
            self.after()
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]


class MailServer:
    """An SMTP server on a free port."""

    def __init__(self) -> None:
        self.box = Mailbox()
        self._controller = Controller(self.box, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self._runs = True

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}?tls=none"

    def stop(self) -> None:
        if self._runs:
            self._controller.stop()
        self._runs = False


@dataclass
class Call:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Web:
    """An HTTP server on a free port; ``answers`` are given one by one, then 200."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.calls.append(Call(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                outer.hold.wait(20)
                status, said, headers = outer.answers.pop(0) if outer.answers else (200, b"{}", {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, status: int, said: bytes = b"", **headers: str) -> None:
        self.answers.append((status, said, headers))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
