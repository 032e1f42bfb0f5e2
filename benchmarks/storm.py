"""A thousand answers through bad weather, with two workers killed: each on its network once, every state true.

Real adapters, real HTTP, real Celery workers killed with SIGKILL while they send; X's manner has no key at all,
GoToSocial's ignores the one it is given, Mastodon keeps it and Bluesky writes under ours. Nothing here moves a clock:
what the platforms ask us to wait is waited. `STORM=200 make bench ARGS=storm` sends fewer.
"""

import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from accounts.models import Brand, Membership, Team, User
from benchmarks.counterparts import Network, Ours, networks
from benchmarks.pipeline import stub
from benchmarks.printing import tell
from benchmarks.processes import Crew, beat, crew, worker
from benchmarks.weather import TIMEOUTS, Weather
from ingest import collect, connecting, scoring
from ingest.models import Channel, Delivery
from tickets.answering import replies
from tickets.incoming import intake
from tickets.models import Ticket

ANSWERS = int(os.environ.get("STORM", "1000"))
EACH = 2  # answers a customer, which must appear in their order
NAMES = ("x", "gotosocial", "mastodon", "bluesky")
WORKERS = ("one", "two")
# Of the answers on the network, when each of the two is killed.
KILLS = (0.25, 0.6)
PATIENCE = 2
LEASE = 25
LONGEST = 1500
NUMBER = re.compile(r"answer (\d+)")
SETTINGS = {
    "RADD_PLATFORM_TIMEOUT": str(PATIENCE), "RADD_DELIVERY_LEASE_SECONDS": str(LEASE), "RADD_UNDO_SECONDS": "0",
}  # fmt: skip


@dataclass
class Kill:
    """What a killed worker held: deliveries in `sending` that nobody finished, by their lease."""

    at: float
    sending: dict[int, object]
    orphans: set[int] = field(default_factory=set)


def main() -> None:
    with networks(*NAMES) as nets, tempfile.TemporaryDirectory() as home:
        channels = connected(nets)
        tickets = customers(nets, channels)
        weather = Weather(seed=4, patience=PATIENCE)
        for network in nets:
            weather.over(network)
        calls_before = looks(nets)
        with crew(Path(home), **SETTINGS) as desk:
            for name in WORKERS:
                desk.start(name, worker(name, "delivery,triage", "-P", "threads", "-c", "4"))
            boot = desk.settled(*WORKERS) / len(WORKERS)
            desk.start("beat", beat(Path(home)))
            began = time.monotonic()
            write(tickets)
            kills = weathered(desk, began)
            seconds = time.monotonic() - began
            desk.look_at_database()
            cpu = desk.spent(*WORKERS) - boot * (len(WORKERS) + len(kills))
            database = desk.spent_by_database()
        report(nets, channels, weather)
        looked = looks(nets) - calls_before
        note = "; ".join(f"worker killed with {len(kill.orphans)} in its hands" for kill in kills)
        tell("storm_seconds", seconds, "s", n=ANSWERS, note=note)
        tell("storm_looked_up", looked, "looks", n=ANSWERS, note="for an answer of ours whose outcome was unknown")
        split = f"of two workers {cpu:.0f} s, sweeps included and starts left out; of the database {database:.0f} s"
        tell("storm_cpu", (cpu + database) / ANSWERS * 1000, "ms CPU/delivery", n=ANSWERS, note=split)


# --- before the storm -------------------------------------------------------------------------------------------------
def connected(nets: Sequence[Network]) -> list[Channel]:
    """A channel on each network, of one brand with an agent."""
    brand = Brand.objects.create(name="Nawa")
    team = Team.objects.create(name="Nawa care", is_default=True)
    team.brands.add(brand)
    agent = User.objects.create_user("agent@radd.example", None, name="Agent", available=True, capacity=32_000)
    Membership.objects.create(team=team, user=agent)
    return [connecting.connect(brand, network.wish) for network in nets]


def customers(nets: Sequence[Network], channels: Sequence[Channel]) -> list[Ticket]:
    """As many customers on each network as it takes, each with a ticket, read over the network."""
    each = ANSWERS // (EACH * len(nets))
    for network, channel in zip(nets, channels, strict=True):
        for number in range(each):
            network.say(f"customer{number}", f"my bill {number} is wrong again")
        while collect.poll(channel.pk):
            Channel.objects.filter(pk=channel.pk).update(next_poll_at=None)
    while scoring.read_new(read=stub):
        pass
    while intake.triage_new():
        pass
    tickets = list(Ticket.objects.order_by("id"))
    if len(tickets) != each * len(nets):
        raise SystemExit(f"{len(tickets)} tickets of {each * len(nets)} customers")
    return tickets


def write(tickets: Sequence[Ticket]) -> None:
    """Every customer is answered, again and again, by the verb that the page calls."""
    agent = User.objects.get()
    for turn in range(EACH):
        for number, ticket in enumerate(tickets):
            seen = Ticket.objects.values_list("position", flat=True).get(pk=ticket.pk)
            text = f"We are sorry, answer {number * EACH + turn}"
            replies.send(ticket.pk, text=text, by=agent, seen=seen, key=uuid4())


# --- while it lasts ---------------------------------------------------------------------------------------------------
def weathered(desk: Crew, began: float) -> list[Kill]:
    """Until nothing waits any more; one worker after the other is killed on the way."""
    kills: list[Kill] = []
    while Delivery.objects.unfinished().exists():
        if time.monotonic() - began > LONGEST:
            raise SystemExit(f"never done: {Counter(Delivery.objects.values_list('state', flat=True))}")
        if len(kills) < len(KILLS) and sent() >= KILLS[len(kills)] * ANSWERS:
            kills.append(kill(desk, WORKERS[len(kills)]))
        for one in kills:
            note_orphans(one)
        desk.look_at_database()
        desk.check()
        time.sleep(0.5)
    return kills


def sent() -> int:
    return Delivery.objects.filter(state=Delivery.State.SENT).count()


def in_hands() -> dict[int, object]:
    """What is being sent, with its lease."""
    return dict(Delivery.objects.filter(state=Delivery.State.SENDING).values_list("pk", "lease_until"))


def kill(desk: Crew, name: str) -> Kill:
    """At a moment when both are sending."""
    until = time.monotonic() + 30
    while len(in_hands()) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    desk.kill(name)
    made = Kill(time.monotonic(), in_hands())
    desk.restart(name)
    return made


def note_orphans(one: Kill) -> None:
    """Whoever lives finishes what is in hand within two time limits; what is left then was the dead one's."""
    if not one.orphans and time.monotonic() - one.at > 6 * PATIENCE:
        now = in_hands()
        one.orphans = {pk for pk, lease in one.sending.items() if now.get(pk) == lease}


# --- afterwards -------------------------------------------------------------------------------------------------------
def looks(nets: Sequence[Network]) -> int:
    """Calls by which an earlier try is looked for, so far. A look at X that needs three pages is one."""
    return sum(LOOKS[network.name](call) for network in nets for call in network.fake.calls)


def _looks_at_x(call: tuple[str, str, dict[str, str], object]) -> bool:
    return call[0] == "GET" and call[1].endswith("/tweets") and "pagination_token" not in call[2]


def _looks_at_mastodon(call: tuple[str, str, object, object, object]) -> bool:
    return call[1].endswith("/context")


def _looks_at_bluesky(call: tuple[str, object, object]) -> bool:
    return call[0] == "getRecord"


LOOKS: dict[str, Callable[[Any], bool]] = {
    "x": _looks_at_x, "gotosocial": _looks_at_mastodon, "mastodon": _looks_at_mastodon, "bluesky": _looks_at_bluesky,
}  # fmt: skip


def report(nets: Sequence[Network], channels: Sequence[Channel], weather: Weather) -> None:
    """The networks are the truth; the outbox is held against them."""
    met = weather.met
    troubles = {
        "timeouts": sum(met[kind] for kind in TIMEOUTS), "5xx": met["5xx"] + met["5xx_kept"], "429": met["429"],
    }  # fmt: skip
    share = ", ".join(f"{name} {count / weather.tries:.1%}" for name, count in troubles.items())
    tell("storm_tries", weather.tries, "posting calls", n=ANSWERS, note=share)
    there = {channel.pk: network.ours() for network, channel in zip(nets, channels, strict=True)}
    numbers = Counter(number_in(post) for posts in there.values() for post in posts)
    names = ", ".join(
        f"{network.name} {len(there[channel.pk])}" for network, channel in zip(nets, channels, strict=True)
    )
    tell("storm_on_the_network", sum(numbers.values()), "posts", n=ANSWERS, note=names)
    tell("storm_twice", sum(count > 1 for count in numbers.values()), "answers", n=ANSWERS)
    tell("storm_lost", ANSWERS - len(numbers), "answers", n=ANSWERS)
    tell("storm_out_of_order", sum(map(out_of_order, there.values())), "answers", n=ANSWERS)
    states = [is_true(row, there[row.channel_id]) for row in Delivery.objects.select_related("message")]
    told = Counter(Delivery.objects.values_list("state", flat=True))
    note = ", ".join(f"{count} {state}" for state, count in sorted(told.items()))
    tell("storm_states_true", sum(states), "answers", n=len(states), note=note)
    tell("storm_states_false", len(states) - sum(states), "answers", n=len(states))


def number_in(post: Ours) -> int:
    found = NUMBER.search(post.text)
    return int(found[1]) if found else -1


def out_of_order(posts: Sequence[Ours]) -> int:
    """Answers that stand under their customer's post before one that was written earlier."""
    newest: dict[str, int] = {}
    wrong = 0
    for post in posts:
        wrong += number_in(post) < newest.get(post.parent, -1)
        newest[post.parent] = number_in(post)
    return wrong


def is_true(row: Delivery, there: Sequence[Ours]) -> bool:
    """Whether what the desk says of an answer is so: sent, and there under this very id; or not sent, and not there."""
    found = [post for post in there if number_in(post) == number_in(Ours("", row.message.text, ""))]
    if row.state == Delivery.State.SENT:
        return [(post.id, post.parent) for post in found] == [(row.message.external_id, row.message.parent_external_id)]
    return not found
