"""Letters as customers write them."""

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

BRAND = "care@nawa.example"
_numbers = iter(range(1, 10_000_000))


def letter(text: str = "Where is my parcel?", **headers: str) -> EmailMessage:
    """A plain letter to the brand. Headers by name, "_" for "-"; an empty one leaves the header out."""
    number = next(_numbers)
    made = EmailMessage(policy=policy.SMTP.clone(max_line_length=900))
    usual = {
        "From": f"Customer {number} <customer_{number}@post.example>",
        "To": f"Nawa Care <{BRAND}>",
        "Subject": "My order",
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": make_msgid(domain="post.example"),
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {**usual, **given}.items():
        if value:
            made[name] = value
    made.set_content(text, charset="utf-8", cte="8bit")
    return made


def as_bytes(made: EmailMessage | bytes) -> bytes:
    """As it travels."""
    return made if isinstance(made, bytes) else made.as_bytes()


def id_of(made: EmailMessage) -> str:
    """Its id without brackets."""
    return str(made["Message-ID"]).strip().strip("<>")
