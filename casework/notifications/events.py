"""What happens to robots, webhooks, private links and dead letters: facts on the security chain, without a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from casework.audit.vocabulary import Fact
from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class NoticeAddressSet(Fact):
    """A person set, changed or took back the address that mails go to; the address itself is not kept here."""

    sentence: ClassVar[str] = N_("Set the address for notices")
    user_id: int
    given: bool


@dataclass(frozen=True, slots=True)
class CalendarLinkMade(Fact):
    """A person made a private calendar link; the one before no longer works."""

    sentence: ClassVar[str] = N_("Made a private calendar link")
    user_id: int


@dataclass(frozen=True, slots=True)
class CalendarLinkEnded(Fact):
    """A person ended the private calendar link."""

    sentence: ClassVar[str] = N_("Ended the private calendar link")
    user_id: int


@dataclass(frozen=True, slots=True)
class RobotSet(Fact):
    """A group robot was set up or changed."""

    sentence: ClassVar[str] = N_("Set the group robot “%(name)s” of %(unit)s")
    robot: int
    name: str
    unit: str
    kind_of: str


@dataclass(frozen=True, slots=True)
class RobotRemoved(Fact):
    """A group robot was taken away."""

    sentence: ClassVar[str] = N_("Removed the group robot “%(name)s” of %(unit)s")
    robot: int
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class WebhookSet(Fact):
    """A webhook was set up, changed or switched."""

    sentence: ClassVar[str] = N_("Set the webhook “%(name)s” to %(host)s")
    webhook: int
    name: str
    host: str
    active: bool


@dataclass(frozen=True, slots=True)
class WebhookSecretRenewed(Fact):
    """A webhook got a new secret; the old one counts for a day."""

    sentence: ClassVar[str] = N_("Renewed the secret of the webhook “%(name)s”")
    webhook: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookReplayed(Fact):
    """What a webhook was told since a moment is sent again."""

    sentence: ClassVar[str] = N_("Sent %(count)s messages of the webhook “%(name)s” again")
    webhook: int
    name: str
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class WebhookRemoved(Fact):
    """A webhook was taken away."""

    sentence: ClassVar[str] = N_("Removed the webhook “%(name)s”")
    webhook: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookHostAdded(Fact):
    """Webhooks may go to a host."""

    sentence: ClassVar[str] = N_("Let webhooks go to %(host)s")
    host: str


@dataclass(frozen=True, slots=True)
class WebhookHostRemoved(Fact):
    """Webhooks may no longer go to a host."""

    sentence: ClassVar[str] = N_("No longer lets webhooks go to %(host)s")
    host: str


@dataclass(frozen=True, slots=True)
class DeadLetterSentAgain(Fact):
    """A message that could not be delivered is tried anew."""

    sentence: ClassVar[str] = N_("Sent message %(delivery)s again")
    delivery: int


@dataclass(frozen=True, slots=True)
class DeadLetterDropped(Fact):
    """A message that could not be delivered was given up."""

    sentence: ClassVar[str] = N_("Gave up message %(delivery)s")
    delivery: int
