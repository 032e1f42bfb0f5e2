"""Every address of the desk and who may do what there: the table that tests/care/test_permissions_walk.py walks.

A new address needs a line here. Methods that a line does not name are refused to everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Who(IntEnum):
    """From whom on a door opens. Of the brand: in a team that cares for it; admins are of every brand."""

    # Whoever asks, signed in or not.
    ANYBODY = 0
    # Whoever works here; of what is not theirs it shows nothing.
    PEOPLE = 1
    # Those of the brand it belongs to.
    BRAND = 2
    # Supervisors of any brand, and admins.
    LEADS = 3
    # Supervisors of the brand it belongs to, and admins.
    BRAND_LEADS = 4
    ADMINS = 5
    # One person: whoever began it.
    AUTHOR = 6
    # No person at all: a platform that signs its calls.
    MACHINE = 7


ANYBODY, PEOPLE, BRAND, LEADS, BRAND_LEADS, ADMINS, AUTHOR, MACHINE = Who


@dataclass(frozen=True, slots=True)
class Door:
    """`at`: what of the cast its address names (Desk.names); `form`: what is posted, values of names where they fit."""

    may: Mapping[str, Who]
    at: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


def shows(who: Who, at: str = "") -> Door:
    return Door({"GET": who}, at)


def does(who: Who, at: str = "", **form: Any) -> Door:
    return Door({"POST": who}, at, form)


def both(who: Who, at: str = "") -> Door:
    """A page and its form."""
    return Door({"GET": who, "POST": who}, at)


MACHINES = {
    "healthz": shows(ANYBODY),
    "readyz": shows(ANYBODY),
    # Names of channels among its figures: the proxy keeps it in the house (deploy/Caddyfile).
    "metrics": shows(ANYBODY),
    "hook": Door({"GET": MACHINE, "POST": MACHINE}, "hook"),
}

API = {
    "api-schema": shows(ANYBODY),
    "api-docs": shows(ANYBODY),
    "api-token": Door({"POST": ANYBODY, "DELETE": PEOPLE}),
    "api-me": shows(PEOPLE),
    "api-people-list": shows(PEOPLE),
    # Oneself, and whom one supervises.
    "api-person-shifts": Door({"GET": BRAND, "PUT": BRAND_LEADS}, "person"),
    "api-person-aways": both(BRAND, "person"),
    "api-away": Door({"DELETE": BRAND}, "away"),
    "api-ticket-list": shows(PEOPLE),
    "api-ticket-detail": shows(BRAND, "ticket"),
    "api-ticket-answered-outside": does(BRAND, "ticket"),
    "api-ticket-assign": does(BRAND, "ticket"),
    "api-ticket-note": does(BRAND, "ticket", text="seen"),
    "api-ticket-reopen": does(BRAND, "ticket"),
    "api-ticket-reply": does(BRAND, "ticket"),
    "api-ticket-resolve": does(BRAND, "ticket"),
    "api-ticket-take": does(BRAND, "ticket"),
    "api-ticket-pictures": both(BRAND, "ticket_by_id"),
    # Not sent yet.
    "api-picture": Door({"GET": AUTHOR, "DELETE": AUTHOR}, "picture"),
    "api-message-list": shows(PEOPLE),
    "api-message-detail": shows(BRAND, "message"),
    "api-message-correct": does(BRAND, "message"),
    "api-message-corrections": shows(BRAND, "message"),
    "api-delivery-detail": shows(BRAND, "delivery"),
    "api-delivery-there": does(BRAND, "delivery"),
    "api-delivery-send-anyway": does(BRAND, "delivery"),
    "api-delivery-drop": does(BRAND, "delivery"),
    "api-delivery-try-again": does(BRAND, "delivery"),
    "api-channel-list": shows(PEOPLE),
    "api-channel-detail": shows(BRAND, "channel"),
}

PERSON = {
    "sign-in": both(ANYBODY),
    # The address is the key, good once.
    "welcome": both(ANYBODY, "welcome"),
    # Sends whoever gave no password yet back to it.
    "sign-in-code": both(ANYBODY),
    "second-step": both(PEOPLE),
    "sign-out": does(PEOPLE),
    "preferences": does(ANYBODY),
    "profile": both(PEOPLE),
    "my-hours": both(PEOPLE),
    "availability": does(PEOPLE),
    "tour": shows(PEOPLE),
    "tour-had": does(PEOPLE),
}

INBOX = {
    "home": shows(PEOPLE),
    "inbox": shows(PEOPLE),
    "inbox-list": shows(PEOPLE, "list"),
    "list-changes": shows(PEOPLE, "list"),
    "inbox-ticket": shows(BRAND, "ticket_in_list"),
    "ticket-updates": shows(BRAND, "ticket_in_list"),
    "search": shows(PEOPLE),
    "search-changes": shows(PEOPLE),
    "search-ticket": shows(BRAND, "ticket"),
    "palette": shows(PEOPLE),
    "furniture": shows(PEOPLE, "furniture"),
    "live-changes": shows(PEOPLE),
    "ticket-reply": does(BRAND, "ticket"),
    "ticket-answered-outside": does(BRAND, "ticket"),
    "ticket-note": does(BRAND, "ticket", text="seen"),
    "ticket-length": does(BRAND, "ticket", text="seen"),
    "ticket-pictures": does(BRAND, "ticket"),
    "picture": shows(AUTHOR, "picture"),
    "ticket-people": shows(BRAND, "ticket"),
    "ticket-assign": does(BRAND, "ticket"),
    "ticket-take": does(BRAND, "ticket"),
    "ticket-resolve": does(BRAND, "ticket"),
    "ticket-reopen": does(BRAND, "ticket"),
    "message-correct": both(BRAND, "message"),
    "customer": shows(BRAND, "customer"),
    "customer-account": shows(BRAND, "account"),
    "ticket-customer": shows(BRAND, "ticket"),
    "customer-link": both(BRAND, "ticket"),
    "customer-unlink": does(BRAND, "ticket"),
    "customer-tier": does(BRAND, "ticket"),
    "customer-name": does(BRAND, "ticket", name="seen"),
    "customer-notes": does(BRAND, "ticket", notes="seen"),
    "similar-use": does(BRAND, "similar"),
    "message-translation": does(BRAND, "message"),
    "api-ticket-customer": shows(BRAND, "ticket"),
    "api-ticket-similar": shows(BRAND, "ticket"),
    "api-ticket-link-account": does(BRAND, "ticket"),
    "api-ticket-unlink-account": does(BRAND, "ticket"),
    "api-ticket-customer-tier": does(BRAND, "ticket"),
    "api-ticket-customer-name": does(BRAND, "ticket"),
    "api-ticket-customer-notes": does(BRAND, "ticket"),
    "delivery-take-back": does(BRAND, "delivery"),
    "delivery-try-again": does(BRAND, "delivery"),
    "delivery-there": does(BRAND, "delivery"),
    "delivery-held": does(BRAND, "delivery"),
}

MONITOR = {
    "books": shows(LEADS),
    "channels": shows(PEOPLE),
    "replay": does(LEADS),
    "channel": shows(BRAND, "channel"),
    "channel-trouble": shows(BRAND, "channel"),
    "channel-pause": does(ADMINS, "channel"),
    "channel-resume": does(ADMINS, "channel"),
    "channel-look": does(ADMINS, "channel"),
    "channel-past": shows(BRAND, "channel"),
    "channel-past-read": does(ADMINS, "channel"),
    "channel-past-stop": does(ADMINS, "channel"),
    "item-replay": does(BRAND_LEADS, "item"),
    "events-replay": does(BRAND_LEADS, "channel"),
    "event-replay": does(BRAND_LEADS, "event"),
    "answers-try-again": does(BRAND_LEADS, "channel"),
    "answer-try-again": does(BRAND, "answer"),
    "readers": shows(LEADS),
    "reader-promote": does(ADMINS, "reader"),
    "reader-retire": does(ADMINS, "reader"),
    "examined": shows(PEOPLE),
    "examined-confirm": does(PEOPLE, only="aside"),
    "examined-overturn": does(PEOPLE, only="aside"),
    "examined-take-back": does(PEOPLE, only="aside"),
    "drift": shows(PEOPLE),
    "analyse": shows(PEOPLE),
}

QUALITY = {
    "quality": shows(LEADS),
    "quality-sample": does(LEADS),
    "quality-begin": does(LEADS),
    "quality-review": both(BRAND_LEADS, "review"),
    "quality-skip": does(BRAND_LEADS, "review"),
    "quality-put-back": does(BRAND_LEADS, "review"),
    "my-quality": shows(PEOPLE),
    # Whose work was reviewed.
    "my-quality-seen": does(AUTHOR, "reviewed"),
    "my-quality-answer": does(AUTHOR, "reviewed"),
    "api-review-list": shows(PEOPLE),
    "api-review-detail": shows(BRAND_LEADS, "review"),
    "api-review-review": does(BRAND_LEADS, "review"),
    "api-review-skip": does(BRAND_LEADS, "review"),
    "api-review-put-back": does(BRAND_LEADS, "review"),
    "api-review-seen": does(AUTHOR, "reviewed"),
    "api-review-answer": does(AUTHOR, "reviewed"),
    "scorecards": shows(ADMINS),
    "scorecard-new": both(ADMINS),
    "scorecard": both(ADMINS, "scorecard"),
    "scorecard-remove": does(ADMINS, "scorecard"),
}

CONNECTING = {
    "connect": shows(ADMINS),
    "connect-back": shows(ADMINS),
    "connect-platform": both(ADMINS, "platform"),
    "connect-test": does(ADMINS, "platform"),
    "connect-sign-in": does(ADMINS, "platform"),
    "channel-settings": both(ADMINS, "keyed"),
    "channel-remove": both(ADMINS, "keyed"),
    "channel-keys": both(ADMINS, "keyed"),
    "channel-keys-test": does(ADMINS, "keyed"),
    "channel-new-secret": does(ADMINS, "bridge"),
    "channel-sign-in": does(ADMINS, "keyed"),
}

ANSWERING = {
    "ticket-guard": does(BRAND, "ticket", text="seen"),
    "ticket-draft": does(BRAND, "ticket", text="seen"),
    "ticket-drafts": shows(BRAND, "ticket"),
    "ticket-saved": shows(BRAND, "ticket"),
    "ticket-mentionable": shows(BRAND, "ticket"),
    "ticket-macro": does(BRAND, "macro_on_ticket"),
    "saved-replies": shows(PEOPLE),
    "saved-reply-new": both(PEOPLE),
    "saved-reply": both(BRAND, "saved"),
    "saved-used": does(PEOPLE, "saved"),
    "macro-new": both(PEOPLE),
    "macro": both(BRAND, "macro"),
    "saved-remove": does(BRAND, "saved_of_kind"),
    "approvals": shows(PEOPLE),
    "approval-approve": does(BRAND, "approval"),
    "approval-return": does(BRAND, "approval"),
    "approval-withdraw": does(BRAND, "approval"),
    "api-chain-list": Door({"GET": LEADS, "POST": ADMINS}),
    "api-chain-detail": Door({"GET": BRAND_LEADS, "PUT": ADMINS, "DELETE": ADMINS}, "chain"),
    "api-approval-list": shows(PEOPLE),
    "api-approval-approve": does(BRAND_LEADS, "approval"),
    "api-approval-give-back": does(BRAND_LEADS, "approval"),
    "api-approval-withdraw": does(BRAND, "approval"),
    "api-approval-detail": shows(BRAND, "approval"),
    "api-search": shows(PEOPLE),
}

ACTING = {
    "ticket-seen": does(BRAND, "ticket"),
    "ticket-escalate": does(BRAND, "ticket"),
    "ticket-acknowledge": does(BRAND, "ticket"),
    "ticket-rule": shows(BRAND_LEADS, "ticket"),
    "take-next": does(PEOPLE),
    "ticket-snooze": both(BRAND, "ticket"),
    "ticket-tags": both(BRAND, "ticket"),
    "ticket-priority": both(BRAND, "ticket"),
    "ticket-merge": both(BRAND, "ticket"),
    "ticket-link": both(BRAND, "ticket"),
    "ticket-split": both(BRAND, "ticket"),
    "ticket-no-answer": both(BRAND, "ticket"),
    "ticket-spam": does(BRAND, "ticket"),
    "ticket-incident": both(BRAND, "ticket"),
    "api-ticket-incident": does(BRAND, "ticket"),
    "api-ticket-link": does(BRAND, "ticket"),
    "api-ticket-merge": does(BRAND, "ticket"),
    "api-ticket-no-answer": does(BRAND, "ticket"),
    "api-ticket-priority": does(BRAND, "ticket"),
    "api-ticket-snooze": does(BRAND, "ticket"),
    "api-ticket-spam": does(BRAND, "ticket"),
    "api-ticket-split": does(BRAND, "ticket"),
    "api-ticket-tags": does(BRAND, "ticket"),
    "api-ticket-undo": does(BRAND, "ticket"),
    "api-ticket-unlink": does(BRAND, "ticket"),
    "api-ticket-wake": does(BRAND, "ticket"),
    "bulk-begin": does(PEOPLE),
    "bulk-choices": shows(PEOPLE),
    "bulk": shows(AUTHOR, "bulk"),
    "bulk-undo": does(AUTHOR, "bulk"),
    "bulk-stop": does(AUTHOR, "bulk"),
    "undo-last": does(PEOPLE),
    "undo": does(AUTHOR, "line"),
    "my-keys": both(PEOPLE),
    "presence": does(PEOPLE),
    "notices": shows(PEOPLE),
    "notices-read": does(PEOPLE),
    "notices-news": shows(PEOPLE),
    "notice-wishes": both(PEOPLE),
    "notice": shows(AUTHOR, "notice"),
    "saved-views": shows(PEOPLE),
    "saved-view-new": does(PEOPLE),
    "saved-view-back": does(PEOPLE),
    "saved-view": does(AUTHOR, "view"),
    "saved-view-move": does(AUTHOR, "view"),
    "saved-view-remove": does(AUTHOR, "view"),
    "board": shows(LEADS),
    "board-give": does(BRAND_LEADS, ticket="a_ticket", to="an_agent"),
    # These two say in words on the board what they refuse.
    "board-away": does(LEADS, person="an_agent"),
    "board-back": does(LEADS, person="an_agent"),
}

RULES = {
    "rules": shows(ADMINS),
    "rule-new": both(ADMINS),
    "rule": both(ADMINS, "rule"),
    "rule-move": does(ADMINS, "rule"),
    "rule-turn": does(ADMINS, "rule"),
    "rule-remove": does(ADMINS, "rule"),
    "rule-put-back": does(ADMINS, "rule"),
    "rule-versions": shows(ADMINS, "rule"),
    "rule-restore": does(ADMINS, "rule_version"),
    "sla-policies": shows(ADMINS),
    "sla-policy-new": both(ADMINS),
    "sla-policy": both(ADMINS, "policy"),
    "sla-policy-move": does(ADMINS, "policy"),
    "sla-policy-remove": does(ADMINS, "policy"),
    # Supervisors read the chains of their brands.
    "chains": shows(LEADS),
    "chain-new": both(ADMINS),
    "chain": Door({"GET": BRAND_LEADS, "POST": ADMINS}, "chain"),
    "chain-move": does(ADMINS, "chain"),
    "chain-remove": does(ADMINS, "chain"),
    "chain-put-back": does(ADMINS, "chain"),
    "calendars": shows(ADMINS),
    "calendar-new": both(ADMINS),
    "calendar": both(ADMINS, "calendar"),
    "calendar-remove": does(ADMINS, "calendar"),
    "calendar-days-add": does(ADMINS, "calendar"),
    "calendar-days-remove": does(ADMINS, "calendar_days"),
    "calendar-holidays": both(ADMINS, "calendar"),
    "calendar-ramadan": does(ADMINS, "calendar"),
}

SETTINGS = {
    "settings": shows(LEADS),
    "care-policy": both(ADMINS),
    "care-policy-of": both(ADMINS, "brand"),
    "settings-people": shows(ADMINS),
    "settings-person-new": both(ADMINS),
    "settings-person": both(ADMINS, "person"),
    "settings-person-leave": does(ADMINS, "person"),
    "settings-person-back": does(ADMINS, "person"),
    "settings-person-let-in": does(ADMINS, "person"),
    "settings-person-second-step": does(ADMINS, "person"),
    "settings-shifts": shows(LEADS),
    "settings-shifts-person": both(BRAND_LEADS, "person"),
    "settings-shifts-away": does(BRAND_LEADS, "person"),
    # A supervisor's who is not theirs; whose it is ends it too.
    "away-end": does(BRAND, "away"),
    "settings-sign-in": both(ADMINS),
    "settings-record": shows(ADMINS),
    "settings-record-table": shows(ADMINS),
    "settings-teams": shows(ADMINS),
    "settings-team-new": both(ADMINS),
    "settings-team": both(ADMINS, "team"),
    "settings-team-remove": does(ADMINS, "team"),
    "settings-brands": shows(ADMINS),
    "settings-brand-new": both(ADMINS),
    "settings-brand": both(ADMINS, "brand"),
    "settings-tags": both(LEADS),
    "settings-tag": both(BRAND_LEADS, "tag"),
    "settings-tag-merge": does(BRAND_LEADS, "tag", into="tag_too"),
    "settings-tag-remove": does(BRAND_LEADS, "tag"),
    "packs": shows(ADMINS),
    "pack": both(ADMINS, "pack"),
    "pack-remove": does(ADMINS, "pack"),
    "settings-tiers": both(ADMINS),
    "settings-tiers-of": both(ADMINS, "brand_of"),
    "settings-tier": both(ADMINS, "tier"),
    "settings-tier-change": does(ADMINS, "tier_alone", do="up"),
}

INCIDENTS = {
    "incidents": shows(PEOPLE),
    "incident-new": both(LEADS),
    "incident-matches": shows(LEADS),
    "incident": shows(BRAND, "incident"),
    "incident-change": both(BRAND_LEADS, "incident"),
    "incident-close": does(BRAND_LEADS, "incident"),
    "incident-reopen": does(BRAND_LEADS, "incident"),
    "incident-gather": does(BRAND_LEADS, "incident"),
    "incident-write": both(BRAND_LEADS, "incident"),
    "incident-send": does(BRAND_LEADS, "incident", key="6a1d1c52-0000-4000-8000-000000000001"),
    "incident-update": shows(BRAND, "incident_update"),
    "incident-update-stop": does(BRAND_LEADS, "incident_update"),
    "incident-update-go-on": does(BRAND_LEADS, "incident_update"),
    "api-incident-list": Door({"GET": PEOPLE, "POST": LEADS}),
    "api-incident-detail": Door({"GET": BRAND, "PATCH": BRAND_LEADS}, "incident"),
    "api-incident-close": does(BRAND_LEADS, "incident"),
    "api-incident-reopen": does(BRAND_LEADS, "incident"),
    "api-incident-preview": does(BRAND_LEADS, "incident"),
    "api-incident-updates": Door({"GET": BRAND, "POST": BRAND_LEADS}, "incident"),
    "api-incident-stop": does(BRAND_LEADS, "incident_update_by_api"),
}

DOORS: dict[str, Door] = MACHINES | API | PERSON | INBOX | MONITOR | CONNECTING | ANSWERING | QUALITY | ACTING | RULES | SETTINGS
DOORS |= INCIDENTS
# The small process of live pages has addresses of its own. Its stream tells each person of their brands alone.
LIVE = {"live": shows(PEOPLE), "healthz": shows(ANYBODY)}
