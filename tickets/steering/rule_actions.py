"""What rules do: actions as they are kept, and the plan for one ticket that follows from them. Planning is pure.

    {"do": "team", "team": id}              {"do": "assign", "to": id}
    {"do": "share", "how": "least_loaded" | "round_robin"}
    {"do": "skills", "skills": [word]}      {"do": "language", "language": "ar"}    "": the customer's own
    {"do": "priority", "priority": 1}       {"do": "tag", "add": [id]}
    {"do": "policy", "policy": id}          {"do": "macro", "macro": id}
    {"do": "approval"}                      answers of it wait for a second person
    {"do": "notify", "people": [id], "teams": [id]}
    {"do": "reopened"}                      the rule is asked about tickets that come back, too

Ids may have their name beside them, under "name": how a team that is gone since is spoken of. What rules share with
bulk work and macros (assign, priority, tag, macro) is spelled as in tickets.verbs.action_codes, which also reads what
was kept in an older spelling.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from accounts.models import Membership, Team, User
from tickets.models import Macro, SlaPolicy, Tag, Ticket
from tickets.steering.seats import LEAST_LOADED, ROUND_ROBIN
from tickets.verbs.action_codes import Action, spelled


class Cannot(Exception):
    """An action cannot be carried out. `code` says why (tickets.steering.rule_words), `word` of what."""

    def __init__(self, code: str, word: str = "") -> None:
        super().__init__(f"{code}: {word}")
        self.code = code
        self.word = word


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule makes of one ticket; what it says nothing of stays as it is."""

    team: int | None = None
    agent: int | None = None
    share: str = ""
    skills: tuple[str, ...] = ()
    language: str | None = None
    priority: int | None = None
    tags: tuple[int, ...] = ()
    dropped_tags: tuple[int, ...] = ()
    policy: int | None = None
    notes: tuple[str, ...] = ()
    approval: bool = False
    notify: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """What there is for actions to name: brands by team and by person (None: every brand), members, tags, ..."""

    teams: Mapping[int, frozenset[int]] = field(default_factory=dict)
    people: Mapping[int, frozenset[int] | None] = field(default_factory=dict)
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    tags: Mapping[int, int | None] = field(default_factory=dict)
    policies: frozenset[int] = frozenset()
    macros: Mapping[int, Sequence[Action]] = field(default_factory=dict)


def world() -> World:
    """What there is now (six small queries; none of these tables grows with messages)."""
    teams: dict[int, set[int]] = {}
    for team, brand in Team.objects.order_by().values_list("id", "brands"):
        teams.setdefault(team, set()).update({brand} - {None})
    members: dict[int, list[int]] = {}
    for team, person in Membership.objects.filter(user__is_active=True).values_list("team_id", "user_id"):
        members.setdefault(team, []).append(person)
    people: dict[int, frozenset[int] | None] = {}
    for user in User.objects.filter(is_active=True).only("id", "role"):
        theirs = [teams[team] for team, of in members.items() if user.pk in of]
        people[user.pk] = None if user.is_admin else frozenset().union(*theirs)
    return World(
        teams={team: frozenset(brands) for team, brands in teams.items()},
        people=people,
        members={team: tuple(of) for team, of in members.items()},
        tags=dict(Tag.objects.values_list("id", "brand")),
        policies=frozenset(SlaPolicy.objects.values_list("id", flat=True)),
        macros=dict(Macro.objects.values_list("id", "actions")),
    )


def plan_of(actions: Sequence[Action], brand: int, there: World) -> Plan:
    """The plan for a ticket of this brand. Raises Cannot for what is gone, or is none of the brand's."""
    plan = Plan()
    for action in actions:
        plan = _step(plan, spelled(action), brand, there)
    return plan


def _step(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    do = action.get("do")
    steps = STEPS.get(str(do))
    if steps is None:
        raise Cannot("unknown_action", str(do)[:40])
    try:
        return steps(plan, action, brand, there)
    except (KeyError, TypeError, ValueError) as error:
        raise Cannot("unreadable_action", str(do)) from error


def _team(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    team = int(action["team"])
    if team not in there.teams:
        raise Cannot("team_removed", str(action.get("name", team)))
    if brand not in there.teams[team]:
        raise Cannot("team_of_other_brand", str(action.get("name", team)))
    return replace(plan, team=team)


def _agent(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    person = int(action["to"])
    if person not in there.people:
        raise Cannot("person_gone", str(action.get("name", person)))
    brands = there.people[person]
    if brands is not None and brand not in brands:
        raise Cannot("person_of_other_brand", str(action.get("name", person)))
    return replace(plan, agent=person)


def _share(plan: Plan, action: Action, _brand: int, _there: World) -> Plan:
    if action["how"] not in {LEAST_LOADED, ROUND_ROBIN}:
        raise ValueError(action["how"])
    return replace(plan, share=action["how"])


def _skills(plan: Plan, action: Action, _brand: int, _there: World) -> Plan:
    return replace(plan, skills=tuple(str(skill) for skill in action["skills"]))


def _language(plan: Plan, action: Action, _brand: int, _there: World) -> Plan:
    return replace(plan, language=str(action["language"]))


def _priority(plan: Plan, action: Action, _brand: int, _there: World) -> Plan:
    return replace(plan, priority=Ticket.Priority(action["priority"]).value)


def _tag(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    wanted = [int(tag) for tag in action.get("add", ())]
    if any(tag not in there.tags for tag in wanted):
        raise Cannot("tag_removed", str(action.get("name", "")))
    # A tag of another brand has no meaning here; rules for all brands may name several brands' tags.
    ours = tuple(tag for tag in wanted if there.tags[tag] in {None, brand})
    dropped = tuple(int(tag) for tag in action.get("remove", ()))
    return replace(plan, tags=(*plan.tags, *ours), dropped_tags=(*plan.dropped_tags, *dropped))


def _policy(plan: Plan, action: Action, _brand: int, there: World) -> Plan:
    policy = int(action["policy"])
    if policy not in there.policies:
        raise Cannot("policy_removed", str(action.get("name", policy)))
    return replace(plan, policy=policy)


def _macro(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    """Of a macro what can be done without a person: its notes, tags and priority."""
    macro = int(action["macro"])
    if macro not in there.macros:
        raise Cannot("macro_removed", str(action.get("name", macro)))
    for part in map(spelled, there.macros[macro]):
        if part.get("do") == "note" and part.get("text"):
            plan = replace(plan, notes=(*plan.notes, str(part["text"])))
        elif part.get("do") in {"tag", "priority"}:
            plan = _step(plan, part, brand, there)
    return plan


def _approval(plan: Plan, _action: Action, _brand: int, _there: World) -> Plan:
    return replace(plan, approval=True)


def _notify(plan: Plan, action: Action, brand: int, there: World) -> Plan:
    """People who left, and those who may not see the brand, are not told; the rule is none the worse for it."""
    named = [int(person) for person in action.get("people", ())]
    named += [person for team in action.get("teams", ()) for person in there.members.get(int(team), ())]
    told = [person for person in dict.fromkeys(named) if person in there.people and _sees(there, person, brand)]
    return replace(plan, notify=tuple(dict.fromkeys((*plan.notify, *told))))


def _sees(there: World, person: int, brand: int) -> bool:
    brands = there.people[person]
    return brands is None or brand in brands


def _reopened(plan: Plan, _action: Action, _brand: int, _there: World) -> Plan:
    return plan


STEPS = {
    "team": _team,
    "assign": _agent,
    "share": _share,
    "skills": _skills,
    "language": _language,
    "priority": _priority,
    "tag": _tag,
    "policy": _policy,
    "macro": _macro,
    "approval": _approval,
    "notify": _notify,
    "reopened": _reopened,
}


def takes_reopened(actions: Iterable[Action]) -> bool:
    """Whether the rule is asked about tickets that come back, too."""
    return any(action.get("do") == "reopened" for action in actions)
