"""The desk that a bridge speaks to: what Radd's page for such calls is to do, with a list in place of tables."""

from datetime import UTC, datetime

from ingest.platforms.base import Account, Event, Json, Page, PlatformError
from ingest.platforms.webhook.adapter import Webhook
from tests.platforms.fake_bridge.server import Asked, Server, Told, told

STATUS = {"bad_signature": 401, "too_large": 413, "bad_payload": 400, "bad_credentials": 503}
PAGE = 5


class Desk(Server):
    """Every event that came in, once, in order of arrival. `account` may be set after the desk is up."""

    def __init__(self, account: Account) -> None:
        super().__init__(self._receive)
        self.account = account
        self.events: dict[str, Event] = {}
        self.inbox = f"{self.url}/in/webhook/1"
        # Statuses to say instead of listening, the next one first.
        self.refusals: list[int] = []

    def _receive(self, asked: Asked) -> Told:
        if self.refusals:
            return told(self.refusals.pop(0), {"error": "not now"})
        try:
            events = Webhook(self.account).events(asked.headers, asked.body, datetime.now(UTC))
        except PlatformError as error:
            return told(STATUS[error.code], {"error": error.words})
        for event in events:
            self.events.setdefault(event.key, event)
        return told(200, {"events": len(events)})

    def adapter(self, account: Account | None = None) -> "Stored":
        """An adapter that reads what is stored here."""
        return Stored(account or self.account, self)

    def read(self) -> list[Page]:
        """Each event as the adapter reads it."""
        return [Webhook(self.account).read_event(event.payload) for event in self.events.values()]


class Stored(Webhook):
    """The adapter, with the desk's stored events as its pages: so pushed events meet the contract of fetched ones."""

    def __init__(self, account: Account, desk: Desk) -> None:
        super().__init__(account)
        self._desk = desk

    def fetch(self, cursor: Json) -> Page:
        """Some of the events after the cursor, oldest first."""
        start = int(cursor.get("after", 0))
        waiting = list(self._desk.events.values())[start:]
        pages = [self.read_event(event.payload) for event in waiting[:PAGE]]
        posts = tuple(post for page in pages for post in page.posts)
        bad = tuple(item for page in pages for item in page.bad)
        return Page(posts, {"after": start + len(pages)} if start + len(pages) else {}, bad, len(waiting) > PAGE)
