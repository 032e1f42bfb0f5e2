"""A file of made-up care conversations in the Customer Support on Twitter format, some of its rows broken."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

HEADER = ["tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id", "in_response_to_tweet_id"]
BEGINNING = datetime(2017, 10, 31, 22, 0, tzinfo=UTC)
US = "NawaCare"
COMPLAINTS = (
    "@NawaCare no internet since this morning and nobody answers, ticket {n}",
    "@NawaCare my bill {n} is wrong again, this is the third month",
    "where is my order {n}? it was due last week @NawaCare",
    "@NawaCare الفاتورة {n} غلط وما أحد يرد",
    "@NawaCare النت مقطوع من الصباح، وش الحل؟ {n}",
    "the app crashes when I pay {n} @NawaCare 😡",
)
OTHERS = ("love the new app @NawaCare", "@NawaCare thanks, works now", "شكرا @NawaCare", "@NawaCare 👍", "@NawaCare")
ANSWERS = ("Sorry about this, please send us your number by DM.", "نعتذر، فضلا أرسل رقمك على الخاص.")
# One row in this many is broken, each time in another way.
EVERY = 211


def write(path: Path, rows: int, dice: Random) -> set[int]:
    """Write the file; the ids of its broken rows. A third of the posts are answers, some before what they answer."""
    made: list[list[str]] = []
    n = 0
    while n < rows:
        n += 1
        thread = n
        customer = str(100_000 + dice.randrange(rows // 2))
        made.append(_row(n, customer, dice.choice(COMPLAINTS if dice.random() < 0.6 else OTHERS), ""))
        while n < rows and dice.random() < 0.5:
            n += 1
            ours = dice.random() < 0.6
            text = dice.choice(ANSWERS if ours else COMPLAINTS + OTHERS)
            made.append(_row(n, US if ours else customer, text, f"{thread}.0"))
            thread = n
    broken = {int(row[0]) for at, row in enumerate(made, start=1) if at % EVERY == 0}
    for turn, row in enumerate(row for row in made if int(row[0]) in broken):
        _break(row, turn)
    # Pages of an export come in no order; near neighbours change places.
    made.sort(key=lambda row: int(row[0]) + dice.randrange(12))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *made])
    return broken


def _row(n: int, author: str, text: str, parent: str) -> list[str]:
    at = BEGINNING + timedelta(seconds=17 * n)
    return [str(n), author, str(author != US), at.strftime("%a %b %d %H:%M:%S +0000 %Y"), text.format(n=n), "", parent]


def _break(row: list[str], turn: int) -> None:
    """A date of no calendar, a side that is neither, a column too few."""
    if turn % 3 == 0:
        row[3] = "Tue Oct 77 22:10:47 +0000 2017"
    elif turn % 3 == 1:
        row[2] = "perhaps"
    else:
        del row[5:]
