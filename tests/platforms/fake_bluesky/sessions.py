"""Who may enter the fake Bluesky: app passwords, access tokens that run out, refresh tokens good for one use."""

import itertools

from tests.platforms.fake_bluesky.faults import EXPIRED, INVALID, Answer, Json, refusal
from tests.platforms.fake_bluesky.world import FakeAccount, World

WRONG = refusal(401, "AuthenticationRequired", "Invalid identifier or password")
MISSING = refusal(401, "AuthMissing", "Authentication Required")


class Sessions:
    """`logins` and `refreshes` are counted; more than `most_logins` are refused, as Bluesky does (30 in 5 min)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = itertools.count(1)
        self._access: dict[str, FakeAccount] = {}
        self._refresh: dict[str, FakeAccount] = {}
        self._spent: set[str] = set()
        self.logins = self.refreshes = 0
        self.most_logins = 30

    def expire(self, *, refresh_too: bool = False) -> None:
        """Two hours go by; with `refresh_too`, three months."""
        self._spent |= set(self._access)
        self._access.clear()
        if refresh_too:
            self._spent |= set(self._refresh)
            self._refresh.clear()

    def whose(self, token: str) -> FakeAccount | Answer:
        """The account behind an access token, or the refusal."""
        if not token:
            return MISSING
        return self._access.get(token) or (EXPIRED if token in self._spent else INVALID)

    def log_in(self, told: Json) -> Answer:
        """createSession."""
        self.logins += 1
        if self.logins > self.most_logins:
            return refusal(429, "RateLimitExceeded", "Rate Limit Exceeded")
        names = {"identifier": str(told.get("identifier")).lower(), "password": told.get("password")}
        for account in self._world.accounts.values():
            fits = names["identifier"] in {account.handle, account.did}
            if fits and account.password and account.password == names["password"]:
                return self._opened(account)
        return WRONG

    def refresh(self, token: str) -> Answer:
        """refreshSession: the token is spent by it."""
        account = self._refresh.pop(token, None)
        if account is None:
            return EXPIRED if token in self._spent else INVALID
        self._spent.add(token)
        self.refreshes += 1
        return self._opened(account)

    def _opened(self, account: FakeAccount) -> Answer:
        number = next(self._numbers)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self._access[access] = self._refresh[refresh] = account
        return 200, {"accessJwt": access, "refreshJwt": refresh, "did": account.did, "handle": account.handle}
