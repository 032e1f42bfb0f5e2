"""What X is asked to tell us of: events of our account, rules of the filtered stream, and where to call."""

from ingest.platforms.base import Json, OutcomeUnknown, PlatformError
from ingest.platforms.told import clean
from ingest.platforms.x.activity import FOLLOWED
from ingest.platforms.x.calls import Calls
from ingest.platforms.x.search import rules

SUBSCRIPTIONS = "/2/activity/subscriptions"
RULES = "/2/tweets/search/stream/rules"
MOST_PAGES = 10
# X has not every kind of event for everybody: what it does not offer, polling brings.
NOT_OFFERED = {"forbidden", "not_found", "rejected"}


def register(calls: Calls, url: str) -> str:
    """Have X call this address, which it tries at once; returns the webhook's id. Raises PlatformError."""
    answer = _settled(calls, "/2/webhooks", {"url": url})
    # 2.166 tells it bare, 2.167 as data.
    told = answer.get("data") if isinstance(answer.get("data"), dict) else answer
    if not isinstance(told, dict) or not told.get("id"):
        raise PlatformError("garbled_answer", "X gave the webhook no id", retry_after=60)
    return str(told["id"])


def subscribe(calls: Calls, webhook_id: str = "") -> frozenset[str]:
    """Follow our account's events, on the stream or by a webhook; returns the kinds that are followed now.

    Raises PlatformError where not one of them is.
    """
    followed = _followed(calls, webhook_id)
    refusal: PlatformError | None = None
    for kind in FOLLOWED:
        if kind in followed:
            continue
        body: Json = {"event_type": kind, "filter": {"user_id": calls.me}}
        try:
            _settled(calls, SUBSCRIPTIONS, {**body, "webhook_id": webhook_id} if webhook_id else body, as_us=True)
            followed.add(kind)
        except PlatformError as error:
            if error.code not in NOT_OFFERED:
                raise
            refusal = refusal or error
    if not followed and refusal:
        raise refusal
    return frozenset(followed)


def keep_rules(calls: Calls, tag: str) -> None:
    """Make the rules that carry our tag those of our keywords. The app has one set of rules for all its channels."""
    wanted = rules(calls.account.options, calls.account.handle)
    if not wanted:
        raise PlatformError("bad_options", "The filtered stream needs a handle or keywords", permanent=True)
    told = clean(calls.as_app("GET", RULES))
    ours = {str(rule.get("value")): str(rule.get("id")) for rule in _listed(told) if rule.get("tag") == tag}
    stale = [rule_id for value, rule_id in ours.items() if value not in wanted]
    if stale:
        _settled(calls, RULES, {"delete": {"ids": stale}})
    missing = [value for value in wanted if value not in ours]
    if missing:
        answer = clean(_settled(calls, RULES, {"add": [{"value": value, "tag": tag} for value in missing]}))
        made = {str(rule.get("value")) for rule in _listed(answer)}
        refused = [problem for problem in _listed(answer, "errors") if problem.get("title") != "DuplicateRule"]
        if refused and not made >= set(missing):
            words = str(refused[0].get("detail") or refused[0].get("title") or "")
            raise PlatformError("rejected", words[:500], permanent=True)


def _followed(calls: Calls, webhook_id: str) -> set[str]:
    kinds, token = set(), ""
    for _ in range(MOST_PAGES):
        told = clean(calls.get(SUBSCRIPTIONS, {"pagination_token": token}))
        for known in _listed(told):
            narrowed = known.get("filter")
            user = narrowed.get("user_id") if isinstance(narrowed, dict) else None
            if str(user) == calls.me and str(known.get("webhook_id") or "") == webhook_id:
                kinds.add(str(known.get("event_type")))
        meta = told.get("meta")
        token = str(meta.get("next_token") or "") if isinstance(meta, dict) else ""
        if not token:
            break
    return kinds & set(FOLLOWED)


def _settled(calls: Calls, path: str, body: Json, *, as_us: bool = False) -> Json:
    """Write what may be written twice: one that broke off is simply done again."""
    try:
        return calls.post(path, body) if as_us else calls.as_app("POST", path, body)
    except OutcomeUnknown as error:
        raise PlatformError("unreachable", error.words, retry_after=error.retry_after) from error


def _listed(told: Json, key: str = "data") -> list[Json]:
    entries = told.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
