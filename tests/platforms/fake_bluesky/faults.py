"""What can go wrong with Bluesky, to be ordered one call at a time."""

import time
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, Json]


def refusal(status: int, error: str, message: str) -> Answer:
    """A refusal as XRPC words it."""
    return status, {"error": error, "message": message}


EXPIRED = refusal(400, "ExpiredToken", "Token has expired")
INVALID = refusal(400, "InvalidToken", "Token could not be verified")
REFUSALS: dict[str, Answer] = {
    "unauthorized": refusal(401, "AuthMissing", "Authentication Required"),
    "expired": EXPIRED,
    "takedown": refusal(401, "AccountTakedown", "Account has been taken down"),
    "forbidden": refusal(403, "Forbidden", "Bad token scope"),
    "rejected": refusal(400, "InvalidRequest", "Malformed cursor"),
    "too_many": refusal(429, "RateLimitExceeded", "Rate Limit Exceeded"),
    "down": refusal(503, "ServiceUnavailable", "Service Unavailable"),
    "broken": refusal(500, "InternalServerError", "Internal Server Error"),
    "upstream": refusal(502, "UpstreamFailure", "pipethrough network error"),
}


def rate_headers(remaining: int, reset: float = 300.0) -> dict[str, str]:
    """As the server counts: 3,000 calls in five minutes."""
    return {
        "RateLimit-Limit": "3000",
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(int(time.time() + reset)),
        "RateLimit-Policy": "3000;w=300",
    }
