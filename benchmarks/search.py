"""Search through the whole WSGI application, as an agent: words in most messages and words in three, both languages.

Target: 95 of 100 pages within 100 ms at 1,000,000 tickets. RADD_BENCH_TICKETS names another size than 100,000, with
five messages each, of which those on tickets are searched; INBOX_KEEP=1 goes on with the database of `inbox`. Every
question is asked after others, in turn, so that none has the database's memory to itself.
"""

import os
import time
from functools import partial
from statistics import median, quantiles
from urllib.parse import quote

from django.db import connection

from accounts.models import User
from benchmarks.figures import Spent, show, spending
from benchmarks.list_visitor import count_queries, session_of, visit
from benchmarks.printing import tell
from care.wsgi import application
from ingest.models import Message
from tickets.listing.search.indexing import index_some
from tickets.models import SearchRow, TicketMessage

TICKETS = int(os.environ.get("RADD_BENCH_TICKETS", "100000"))
ROUNDS = 60
# In three messages of the whole history: the newest, one in the middle, the oldest.
RARE = {"en": "quagmire", "ar": "زمهرير"}
# What is asked, and how many rows at least must come.
QUESTIONS = {
    "common_en": ("please", 50),
    "common_ar": ("وأنا", 50),
    "common_handle_in_most": ("nawa", 50),
    "two_common_words": ("wrong bill", 50),
    "rare_en": (RARE["en"], 1),
    "rare_ar": (RARE["ar"] + "ًا", 1),
    "rare_with_common": (f"nawa {RARE['en']}", 1),
    "phrase": ('"my bill is"', 50),
    "half_word_of_two_letters": ("bi", 50),
    "common_without_another": ("nawa -bill", 50),
    "nowhere": ("xylophone ", 0),
    "filtered_common": ("nawa&language=ar&status=closed&sentiment=positive", 0),
    "filtered_common_en": ("please&language=ar&status=closed&sentiment=positive", 0),
    "filtered_to_ones_own": ("nawa&assignee=me&status=open", 0),
}


def main() -> None:
    plant()
    index()
    cookie = f"sessionid={session_of(User.objects.order_by('id')[0])}"
    pages = {
        name: partial(visit, application, "/search/", cookie, f"q={quote(words, safe='&=')}", rows)
        for name, (words, rows) in QUESTIONS.items()
    }
    queries = {name: count_queries(page)[0] for name, page in pages.items()}
    turns: dict[str, list[Spent]] = {name: [] for name in pages}
    for _round in range(ROUNDS):
        for name, page in pages.items():
            with spending() as spent:
                page()
            turns[name].append(spent)
    for name, spent_here in turns.items():
        report(name, spent_here, queries[name])


def plant() -> None:
    """Put the rare words where they are looked for."""
    ids = (
        TicketMessage.objects.filter(message__direction="in")
        .order_by("message_id")
        .values_list("message_id", flat=True)
    )
    count = ids.count()
    for place in (0, count // 2, count - 1):
        Message.objects.filter(pk=ids[place]).update(text=f"my {RARE['en']} is wrong, {RARE['ar']} @nawa_care")


def index() -> None:
    """Fill the words, and tell how fast that went."""
    began, done = time.monotonic(), 0
    while count := index_some():
        done += count
    took = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_searchrow")
        cursor.execute("VACUUM ANALYZE tickets_ticketmessage")
        cursor.execute("ANALYZE tickets_searchword")
        cursor.execute("SELECT pg_table_size('tickets_searchrow'), pg_relation_size('search_words')")
        table, words = (size / 1e6 for size in cursor.fetchone())
    rows = SearchRow.objects.count()
    note = f"{TICKETS:,} tickets, {rows:,} messages on them; table {table:.0f} MB, index of words {words:.0f} MB"
    tell("search_index", done / took, "messages/s", n=done, note=note)


def report(name: str, turns: list[Spent], queries: int) -> None:
    """The figure of one question: the 95th of 100 pages, with the one in the middle."""
    walls = [turn.wall * 1000 for turn in turns]
    note = f"p50 {median(walls):.1f} ms; {queries} queries; {QUESTIONS[name][0]}"
    show(f"search_{name}_p95", quantiles(walls, n=20)[-1], "ms", n=len(turns), spent=sum(turns, Spent()), note=note)
