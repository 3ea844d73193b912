"""Mail: one message to one person over a real SMTP server; what it refuses concerns that message alone."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from casework.notifications.channels import MailServer
from casework.notifications.outbox import SENT, Outcome
from casework.notifications.outgoing import NoAnswer, within
from casework.notifications.texts import Text, one_line

SECONDS = 6.0
AT_MOST = 12.0
HANGING_UP = 421
"""The server is about to end the connection: this concerns everybody."""


class Unreachable(Exception):
    """The server cannot be used at all now: no message to anybody can leave."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome
        super().__init__(outcome.error)


class Postman:
    """Takes messages to the server; connects when the first one comes, and anew after a broken connection."""

    def __init__(self, server: MailServer):
        self._server = server
        self._line: smtplib.SMTP | None = None

    def deliver(self, message: EmailMessage) -> Outcome:
        """Hand a message over.

        Raises:
            Unreachable: the server does not answer or does not let us in: it is of no use to try the others now.
        """
        try:
            line = self._line = self._line or within(AT_MOST, self._connected)
            return within(AT_MOST, lambda: _handed_over(line, message))
        except smtplib.SMTPAuthenticationError as error:
            self.hang_up()
            raise Unreachable(Outcome("mail_sign_in", _said(error.smtp_error))) from error
        except (smtplib.SMTPException, OSError, NoAnswer) as error:
            self.hang_up()
            raise Unreachable(Outcome("mail_down", one_line(str(error)) or type(error).__name__)) from error

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        line: smtplib.SMTP
        if server.tls == "tls":
            line = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        else:
            line = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if server.tls == "starttls":
                line.starttls(context=context)
            if server.user:
                line.login(server.user, server.password)
        except BaseException:
            line.close()
            raise
        return line

    def hang_up(self) -> None:
        """End the connection, however it stands."""
        if self._line is not None:
            self._line.close()
            self._line = None


@contextlib.contextmanager
def postman(server: MailServer) -> Iterator[Postman]:
    """A postman for one round."""
    one = Postman(server)
    try:
        yield one
    finally:
        one.hang_up()


def _handed_over(line: smtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        line.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        if code == HANGING_UP:
            raise smtplib.SMTPServerDisconnected(_said(said)) from error
        return Outcome("mail_address", f"{code} {_said(said)}", final=500 <= code < 600)
    except smtplib.SMTPResponseException as error:
        if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPSenderRefused):
            raise  # it concerns everybody
        if error.smtp_code == HANGING_UP:
            raise smtplib.SMTPServerDisconnected(_said(error.smtp_error)) from error
        return Outcome("mail_refused", f"{error.smtp_code} {_said(error.smtp_error)}", final=error.smtp_code >= 500)
    return SENT


def _said(answer: bytes | str) -> str:
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)[:200]


def letter(text: Text, *, to: str, name: str, sender: str, message_id: str, base: str, now: datetime) -> EmailMessage:
    """A message with the heads that mails of a machine carry (RFC 3834); every value is one line."""
    made = EmailMessage(policy=SMTP)
    shown, address = parseaddr(one_line(sender))
    made["From"] = formataddr((shown, address)) if not shown else _mailbox(shown, address)
    made["To"] = _mailbox(one_line(name), to)
    made["Subject"] = one_line(text.subject)
    made["Date"] = now
    made["Message-ID"] = f"<{message_id}@{urlsplit(base).hostname or 'casework'}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made["List-Unsubscribe"] = f"<{base}/me/notices>"
    made.set_content(text.body, cte="base64")
    return made


def _mailbox(name: str, address: str) -> str:
    from email.headerregistry import Address

    local, _, domain = address.rpartition("@")
    return str(Address(name, local, domain))
