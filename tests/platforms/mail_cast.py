"""What the tests of e-mail share: the brand's account at a fake provider."""

from typing import Any

from ingest.platforms.base import Account
from ingest.platforms.email.adapter import Email
from tests.platforms.fake_mail import BRAND, FakeMail


def account(mail: FakeMail, **changes: Any) -> Account:
    """The brand's account there."""
    options = {**mail.options, **changes.pop("options", {})}
    fields = {"credentials": mail.credentials, "timeout": 5.0, **changes}
    return Account(channel_id=1, external_id=BRAND, handle=BRAND, options=options, **fields)


def adapter(mail: FakeMail, **options: Any) -> Email:
    """The brand's adapter, with these options changed."""
    return Email(account(mail, options=options))
