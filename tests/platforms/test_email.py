"""E-mail keeps the contract of adapters, by each way of entering it."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingest.platforms.base import Adapter, Backfills, Streams
from ingest.platforms.email.adapter import Email
from ingest.platforms.entering import Connects
from tests.platforms.contract import AdapterContract, Trouble
from tests.platforms.fake_mail import FakeMail, letter
from tests.platforms.fake_mail.letters import id_of
from tests.platforms.mail_cast import account

# Nobody listens there: the discard port of the loopback.
NOWHERE = {"imap_port": 9, "smtp_port": 9}
# Entering the mailbox, and handing a letter over: whichever comes first.
STEPS = ("LOGIN", "LETTER")


class MailCounterpart:
    """The fake provider as the contract wants it. It saves what is sent, as large providers do."""

    troubles = frozenset(Trouble)
    takes_answers = True
    many = 60
    patience = 2.0

    def __init__(self, mail: FakeMail) -> None:
        self._mail = mail
        self._next: dict[str, Any] = {}

    def adapter(self) -> Adapter:
        """At the provider, or, once after UNREACHABLE, nowhere."""
        options, self._next = self._next, {}
        return Email(account(self._mail, options=options, timeout=0.6))

    def customer_says(self, text: str) -> str:
        """Each time somebody else, and anew."""
        sent = letter(text)
        self._mail.inbox.deliver(sent)
        return id_of(sent)

    def make(self, trouble: Trouble) -> None:
        """In the words of real servers."""
        limit = "NO [LIMIT] Request is throttled."
        faults: dict[Trouble, tuple[str, dict[str, Any]]] = {
            Trouble.DENIED: ("say", {"words": "NO [AUTHENTICATIONFAILED] Invalid credentials"}),
            Trouble.LIMITED: ("say", {"words": f"{limit} Suggested Backoff Time: 42000 milliseconds"}),
            Trouble.LIMITED_SILENTLY: ("say", {"words": limit}),
            Trouble.DOWN: ("bye", {}),
            Trouble.GARBLED: ("garbled", {}),
            Trouble.STALLED: ("stall", {}),
            Trouble.CONFIRMATION_LOST: ("drop", {"applied": True}),
            Trouble.NEVER_ARRIVED: ("drop", {}),
        }
        if trouble is Trouble.UNREACHABLE:
            self._next = NOWHERE
            return
        kind, more = faults[trouble]
        self._mail.fault(kind, *STEPS, **more)

    def our_answers(self) -> list[str]:
        """What the provider has taken to send."""
        return [id_of(each) for each in self._mail.letters()]


@pytest.fixture(params=["plain", "ssl", "starttls"])
def mail(request: pytest.FixtureRequest) -> Iterator[FakeMail]:
    with FakeMail(security=request.param, saves_sent=True) as mail:
        yield mail


class TestEmail(AdapterContract):
    @pytest.fixture
    def counterpart(self, mail: FakeMail) -> MailCounterpart:
        return MailCounterpart(mail)


def test_a_mailbox_can_be_connected_listened_to_and_read_backwards(mail: FakeMail) -> None:
    adapter = Email(account(mail))
    assert isinstance(adapter, Connects)
    assert isinstance(adapter, Streams)
    assert isinstance(adapter, Backfills)
