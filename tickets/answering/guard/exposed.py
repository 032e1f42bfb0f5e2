"""What must not go on in public, in both directions: health in our answer, and what customers showed of themselves.

Where the customer's own public post holds a card's or an account's number, or something of their health, an answer in
public goes on with it before everybody's eyes. One that only leads to private messages is what should be said, so it
is no finding.
"""

from collections.abc import Iterator

from tickets.answering.guard import health
from tickets.answering.guard.findings import USUAL, Code, Finding, Setting
from tickets.answering.guard.folding import Folded, fold
from tickets.answering.guard.privacy import is_moving, numbers_in


def examine(_text: str, folded: Folded, setting: Setting) -> Iterator[Finding]:
    """Everything of this kind; nothing in private, nor where the answer leads there."""
    if not setting.public or is_moving(folded):
        return
    if spans := folded.find(health.THEIRS):
        yield Finding(Code.HEALTH_DATA, USUAL[Code.HEALTH_DATA], tuple(spans), fix="private")
    asked = fold(setting.asked)
    shown = {code for code, _span in numbers_in(asked)}
    if shown & {Code.CARD_NUMBER, Code.BANK_ACCOUNT}:
        yield Finding(Code.SHOWN_NUMBER, USUAL[Code.SHOWN_NUMBER], fix="private")
    if asked.find(health.OWN):
        yield Finding(Code.SHOWN_HEALTH, USUAL[Code.SHOWN_HEALTH], fix="private")
