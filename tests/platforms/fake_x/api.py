"""The operations of the fake X: who may call, what a call does, what comes back."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthlib.oauth1 import Client as Signer
from twitter_text import extract_urls, parse_tweet

from tests.platforms.fake_x import faults, push, render, search
from tests.platforms.fake_x.activity import Activity
from tests.platforms.fake_x.media import Media, Upload
from tests.platforms.fake_x.world import BRAND, FakePost, FakeUser, World

Json = dict[str, Any]
Answer = tuple[int, Json]

APP_TOKEN = "fake-app-token"
USER_TOKEN = "fake-user-token"
KEYS = {
    "consumer_key": "fake-consumer",
    "consumer_secret": "fake-consumer-secret",
    "access_token": "fake-access",
    "access_token_secret": "fake-access-secret",
}
DEFAULT_PAGE = 10


class Api:
    """`plan`: self_serve or enterprise. `page_cap`: the most posts a page holds, whatever the client asks for.

    `search_delay`: how long search does not know a new post. `old_names`: whether X still takes `tweet.fields`.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.plan = "self_serve"
        self.page_cap = 100
        self.search_delay = timedelta(0)
        self.old_names = True
        self.tokens = {APP_TOKEN: "app", USER_TOKEN: "user"}
        self.activity = Activity(world, KEYS["consumer_secret"])
        self.media = Media()
        self.activity.media = self.media
        self._era = 0
        # The words of each answer as they were sent: X knows a double by them.
        self._sent: dict[str, str] = {}

    def forget_page_tokens(self) -> None:
        """Every page token given out so far is refused from now on."""
        self._era += 1

    def caller(self, method: str, target: str, authorization: str) -> str | None:
        """`app`, `user` or, for keys X does not know, None."""
        scheme, _, secret = authorization.partition(" ")
        if scheme == "Bearer":
            return self.tokens.get(secret)
        if scheme != "OAuth":
            return None
        told = dict(re.findall(r'(\w+)="([^"]*)"', secret))
        signer = Signer(*KEYS.values(), nonce=told.get("oauth_nonce"), timestamp=told.get("oauth_timestamp"))
        # X checks the signature for its own host, whichever way the call came.
        _, headers, _ = signer.sign(f"https://api.twitter.com{target}", method)
        return "user" if headers["Authorization"] == authorization else None

    def call(self, caller: str | None, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Do what the call asks for."""
        if caller is None:
            return faults.UNAUTHORIZED
        if (told := push.call(self.activity, caller, method, path, query, body)) is not None:
            return told
        if path.startswith("/2/media/"):
            with self.world.lock:
                return self.media.call(method, path, query, body) if caller == "user" else faults.APP_ONLY
        if "tweet.fields" in query and not self.old_names:
            return _invalid("tweet.fields", query["tweet.fields"], "The query parameter [tweet.fields] is not known")
        with self.world.lock:
            if (method, path) == ("GET", "/2/tweets/search/recent"):
                return self._search(query)
            if (method, path) == ("GET", "/2/tweets"):
                return 200, self._look_up(query["ids"].split(","), query)
            if (method, path) == ("POST", "/2/tweets"):
                return self._create(body) if caller == "user" else faults.APP_ONLY
            if (method, path) == ("GET", "/2/users/me"):
                return (200, {"data": render.user_json(BRAND, query)}) if caller == "user" else faults.APP_ONLY
            if method == "GET" and (match := re.fullmatch(r"/2/users/(\d+)/(mentions|tweets)", path)):
                return self._list(match[1], match[2], query)
        return faults.REFUSALS["not_found"]

    def _list(self, user_id: str, which: str, query: dict[str, str]) -> Answer:
        user = self.world.users.get(user_id)
        if user is None:
            return 200, {"errors": [_no_such_user(user_id)]}
        every = self.world.mentions(user) if which == "mentions" else self.world.timeline(user)
        return self._listed(every, query, "pagination_token")

    def _search(self, query: dict[str, str]) -> Answer:
        if len(query["query"]) > search.LONGEST:
            return _invalid("query", query["query"])
        if words := search.too_old(self.world, query["since_id"]) if "since_id" in query else "":
            return _invalid("since_id", query["since_id"], words)
        if "start_time" in query and datetime.fromisoformat(query["start_time"]) < datetime.now(UTC) - search.KEPT:
            return _invalid("start_time", query["start_time"])
        found = search.recent(self.world, query["query"], self.search_delay)
        return self._listed(found, query, "next_token")

    def _look_up(self, ids: list[str], query: dict[str, str]) -> Json:
        known = {post_id: self.world.visible(post_id) for post_id in ids}
        there = [post for post in known.values() if post and not post.author.hidden]
        errors = [render.not_found(post_id, "ids") for post_id, post in known.items() if not post]
        errors += [render.not_allowed(post.id) for post in known.values() if post and post.author.hidden]
        page = render.page(self.world, there, query) if there else {}
        page["errors"] = [*errors, *page.get("errors", ())]
        return page if page["errors"] else {key: page[key] for key in page if key != "errors"}

    def _listed(self, every: list[FakePost], query: dict[str, str], paged_by: str) -> Answer:
        since, start = int(query.get("since_id", "0")), query.get("start_time")
        before = self._read_token(query.get(paged_by, ""))
        if before is None:
            return _invalid(paged_by, query[paged_by])
        wanted = [
            post
            for post in every
            if (int(post.id) > since or post.repeated)
            and (not before or int(post.id) < before)
            and (start is None or post.at >= datetime.fromisoformat(start))
        ]
        size = min(int(query.get("max_results", DEFAULT_PAGE)), self.page_cap)
        return 200, self._page(wanted, size, query)

    def _page(self, wanted: list[FakePost], size: int, query: dict[str, str]) -> Json:
        shown = wanted[:size]
        meta: Json = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
        if len(wanted) > size:
            meta["next_token"] = self._token(shown[-1].id)
        return {**(render.page(self.world, shown, query) if shown else {}), "meta": meta}

    def _create(self, body: Json) -> Answer:
        text, reply = body.get("text", ""), body.get("reply")
        parent = self.world.visible(reply["in_reply_to_tweet_id"]) if reply else None
        if reply and parent is None:
            return faults.GONE
        if not text:
            return _invalid("text", text)
        if parent and self.plan == "self_serve" and not self.world.summons(parent, BRAND):
            return faults.NOT_SUMMONED
        if text in {self._sent.get(post.id) for post in self.world.timeline(BRAND)}:
            return faults.DUPLICATE
        if parse_tweet(text).weightedLength > 280:
            return faults.TOO_LONG
        shown = self.media.attached((body.get("media") or {}).get("media_ids", []), "tweet_image")
        if shown is None:
            return _invalid("media.media_ids", str(body["media"]["media_ids"]), "Your media IDs are invalid.")
        made = self._publish(BRAND, text, parent, tuple(shown))
        return 201, {"data": {"id": made.id, "text": made.text}}

    def _publish(
        self, author: FakeUser, text: str, parent: FakePost | None, pictures: tuple[Upload, ...] = ()
    ) -> FakePost:
        shown, links = text, []
        for number, link in enumerate(extract_urls(text)):
            short = f"https://t.co/{abs(hash((text, number))) % 10**10:010d}"
            shown = shown.replace(link, short, 1)
            full = link if "://" in link else f"http://{link}"
            links.append({"url": short, "expanded_url": full, "display_url": full.partition("://")[2]})
        if pictures:
            # One link for all of them, after the words.
            shown = f"{shown} https://t.co/{abs(hash(pictures[0].id)) % 10**10:010d}"
        media = tuple(upload.told() for upload in pictures)
        made = self.world.post(author, shown, reply_to=parent.id if parent else "", links=tuple(links), media=media)
        self._sent[made.id] = text
        return made

    def _token(self, last_id: str) -> str:
        return base64.b32hexencode(f"{self._era}:{last_id}".encode()).decode().lower().rstrip("=")

    def _read_token(self, token: str) -> int | None:
        """The id before which the page begins; 0 without a token, None for a token X no longer knows."""
        if not token:
            return 0
        try:
            era, _, last = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode().partition(":")
            return int(last) if int(era) == self._era else None
        except ValueError:
            return None


def _invalid(parameter: str, value: str, words: str = "") -> Answer:
    message = words or f"The `{parameter}` query parameter value [{value}] is not valid"
    return 400, {
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{faults.PROBLEMS}invalid-request",
        "errors": [{"parameters": {parameter: [value]}, "message": message}],
    }


def _no_such_user(user_id: str) -> Json:
    return {
        "title": "Not Found Error",
        "type": f"{faults.PROBLEMS}resource-not-found",
        "detail": f"Could not find user with id: [{user_id}].",
        "parameter": "id",
        "resource_id": user_id,
        "resource_type": "user",
        "value": user_id,
    }
