"""Asks for pages and runs verbs of the inbox in this process, on a seeded database. Told by inbox.py.

Reads one JSON object a line: {"do": "get", "path", "query", "times"} or {"do": "assign", "tag" or "reply", "times"};
answers each with one: seconds on the wall of each turn, CPU seconds of all (process, database), queries and bytes of
one. A first turn that nothing times warms the process.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from benchmarks.figures import spending
from benchmarks.list_visitor import count_queries, session_of, visit
from care.wsgi import application
from ingest.models import Channel, Message
from tickets.answering import replies
from tickets.models import Tag, Ticket, TicketMessage
from tickets.steering import assignment
from tickets.verbs import tagging

# What a long story holds.
LONG = 500
# Words of answers, of which each has half in an order of its own.
ANSWER = (
    "we have looked into what went wrong with last month and taken five riyals off because our shop charged twice "
    "next invoice shows that it arrives by friday morning thanks for waiting while the team found and mended it"
)


def main() -> None:
    agent = User.objects.order_by("id")[0]
    User.objects.filter(pk=agent.pk).update(preferences={"tour": [agent.role]})
    turns = Turns(agent)
    for line in sys.stdin:
        asked = json.loads(line)
        turn = turns.of(asked)
        queries, size = count_queries(turn)
        walls = []
        with spending() as spent:
            for _time in range(asked["times"]):
                began = time.perf_counter()
                turn()
                walls.append(time.perf_counter() - began)
        told = {"walls": walls, "process": spent.process, "database": spent.database, "queries": queries, "bytes": size}
        print(json.dumps(told), flush=True)


class Turns:
    """What one turn of each kind is; each returns how many bytes it made."""

    def __init__(self, agent: User) -> None:
        self.agent = agent
        self.application = application
        self.cookie = f"sessionid={session_of(agent)}"
        self.tickets = self.mine()

    def of(self, asked: dict[str, Any]) -> Callable[[], int]:
        if asked["do"] == "get":
            path = asked["path"].format(long=self.long_one()) if "{long}" in asked["path"] else asked["path"]
            return partial(visit, self.application, path, self.cookie, asked.get("query", ""), asked.get("rows", 0))
        return {"assign": self.assign, "tag": self.tag, "reply": self.reply}[asked["do"]]

    def mine(self) -> Iterator[Ticket]:
        """Live tickets of this person's brands, one after the other, for verbs."""
        live = Ticket.objects.visible_to(self.agent).waiting_for_us().filter(waiting_since__isnull=False)
        return live.order_by("-id").iterator(chunk_size=100)

    def assign(self) -> int:
        ticket = next(self.tickets)
        assignment.assign(ticket.pk, to=None if ticket.assignee_id else self.agent, by=self.agent)
        return 0

    def tag(self) -> int:
        ticket = next(self.tickets)
        known, _made = Tag.objects.get_or_create(name="Measured", brand=None)
        tagging.tag(ticket.pk, add=[known.pk], by=self.agent)
        return 0

    def reply(self) -> int:
        """An answer with all that looks at it before, to where it waits to be sent; nothing sends it here."""
        ticket = next(self.tickets)
        # History was imported, and what was imported cannot be answered.
        Channel.objects.filter(pk=ticket.channel_id).exclude(platform="demo").update(platform="demo")
        # The guard asks for a second person where a customer is told the same again, as in a database that was kept.
        words = " ".join(random.sample(ANSWER.split(), 20))
        replies.send(ticket.pk, text=f"Your bill: {words}.", by=self.agent, seen=ticket.position, key=uuid4())
        return 0

    def long_one(self) -> int:
        """A ticket with LONG messages: the newest there is, and copies of its customer's words."""
        entry = TicketMessage.objects.filter(message__direction="in", ticket__brand__in=self.agent.brand_ids)
        first = entry.select_related("message").latest("id")
        have = TicketMessage.objects.filter(ticket=first.ticket_id).count()
        fields = [
            field.attname for field in Message._meta.concrete_fields if not (field.primary_key or field.generated)
        ]
        copies = [
            Message(**{name: getattr(first.message, name) for name in fields} | {"external_id": f"measured-{n}"})
            for n in range(have, LONG)
        ]
        made = Message.objects.bulk_create(copies)
        TicketMessage.objects.bulk_create(TicketMessage(ticket_id=first.ticket_id, message=one) for one in made)
        Ticket.objects.filter(pk=first.ticket_id).update(position=LONG, updated_at=timezone.now())
        return int(first.ticket_id)
