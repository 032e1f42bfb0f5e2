"""What can go wrong with X, to be ordered one call at a time."""

import time
from typing import Any

Json = dict[str, Any]
PROBLEMS = "https://api.twitter.com/2/problems/"


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> tuple[int, Json]:
    """A refusal as X words it."""
    return status, {"title": title, "detail": detail, "type": kind, "status": status, **more}


UNAUTHORIZED = problem(401, "Unauthorized", "Unauthorized")
# The words of a real log of February 2026.
DUPLICATE = problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
# The words of a real log of May 2026.
NOT_SUMMONED = problem(
    403,
    "Forbidden",
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to.",
)
GONE = problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
TOO_LONG = problem(403, "Forbidden", "Your Tweet text is too long.")
APP_ONLY = problem(
    403,
    "Unsupported Authentication",
    "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint. Supported authentication types "
    "are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
    f"{PROBLEMS}unsupported-authentication",
)
USER_ONLY = problem(
    403,
    "Unsupported Authentication",
    "Authenticating with OAuth 2.0 User Context is forbidden for this endpoint. Supported authentication types are "
    "[OAuth 2.0 Application-Only].",
    f"{PROBLEMS}unsupported-authentication",
)
NOT_ENROLLED = problem(
    403,
    "Client Forbidden",
    "When authenticating requests to the X API v2 endpoints, you must use keys and tokens from a developer App that "
    "is attached to a Project.",
    f"{PROBLEMS}client-forbidden",
    reason="client-not-enrolled",
)

REFUSALS: dict[str, tuple[int, Json]] = {
    "unauthorized": UNAUTHORIZED,
    "forbidden": NOT_ENROLLED,
    "not_found": problem(404, "Not Found", "Not Found"),
    "too_many": problem(429, "Too Many Requests", "Too Many Requests"),
    "usage_capped": problem(
        429,
        "UsageCapExceeded",
        "Usage cap exceeded: Monthly product cap",
        f"{PROBLEMS}usage-capped",
        period="Monthly",
        scope="Product",
    ),
    "no_credits": problem(
        402,
        "CreditsDepleted",
        "Your enrolled account does not have any credits to fulfill this request.",
        f"{PROBLEMS}credits",
    ),
    # The status and the type are guesses; the title has been seen.
    "spend_cap": problem(403, "SpendCapReached", "Your spend cap has been reached.", f"{PROBLEMS}spend-cap"),
    "down": problem(503, "Service Unavailable", "Service Unavailable"),
    # The words of these four are guesses.
    "not_offered": problem(400, "Invalid Request", "This event_type is not available.", "about:blank"),
    "forbidden_dm": problem(403, "Forbidden", "You cannot send messages to this user."),
    "crc_failed": problem(400, "CrcValidationFailed", "The webhook did not answer the CRC request."),
    "connected": problem(
        429,
        "ConnectionException",
        "This stream is currently at the maximum allowed connection limit.",
        f"{PROBLEMS}streaming-connection",
    ),
    "broken": problem(500, "Internal Server Error", "Something is broken."),
}


def refusal_headers(reset: float | None) -> dict[str, str]:
    """The headers that go with a refusal; `reset`: seconds until the rate limit resets, None for no word of it."""
    return {} if reset is None else {"x-rate-limit-reset": str(int(time.time() + reset))}
