"""Who may do what to a ticket. Who may see it is accounts.permissions."""

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may_choose_reader, may_run_channels, may_see
from ingest.models import Channel, Message
from tickets.models import Ticket


class NotAllowed(Exception):
    """The person may not do this; the message says why, in their language."""


def check_may_work_on(user: User, ticket: Ticket) -> None:
    """Everyone who sees a brand may work on its tickets."""
    if not may_see(user, ticket.brand_id):
        raise NotAllowed(_("This ticket belongs to a brand of another team."))


def may_send_alone(user: User) -> bool:
    """Whether this person's answers go out without a second one, whatever the guard says."""
    return user.is_supervisor


def check_may_decide(user: User, ticket: Ticket, author_id: int | None) -> None:
    """Supervisors let answers go out or give them back: those of others."""
    check_may_work_on(user, ticket)
    if not user.is_supervisor:
        raise NotAllowed(_("Supervisors decide on answers that wait."))
    if author_id == user.pk:
        raise NotAllowed(_("Somebody else must decide on your answer."))


def check_may_assign(user: User, ticket: Ticket, to: User | None) -> None:
    """Agents take, hand over and put back; whoever receives must see the brand too."""
    check_may_work_on(user, ticket)
    if to is not None and not (to.is_active and may_see(to, ticket.brand_id)):
        raise NotAllowed(_("%(name)s is not in a team of this brand.") % {"name": to.name})


def check_may_correct(user: User, message: Message) -> None:
    """Whoever may answer a brand's tickets may say what its customers meant. The message comes with its channel."""
    if not may_see(user, message.channel.brand_id):
        raise NotAllowed(_("This message belongs to a brand of another team."))


def check_supervises(user: User) -> None:
    """Books, replays and other people's work are for supervisors and admins."""
    if not user.is_supervisor:
        raise NotAllowed(_("This is for supervisors."))


def check_chooses_reader(user: User) -> None:
    """Which model reads is for admins: every brand's messages go through it."""
    if not may_choose_reader(user):
        raise NotAllowed(_("Only admins choose the model that reads."))


def check_sets_targets(user: User) -> None:
    """Targets, calendars and whom an ill clock is told to are for admins: they hold for every team."""
    if not (user.is_active and user.is_admin):
        raise NotAllowed(_("Only admins set targets."))


def check_runs_channels(user: User) -> None:
    """Which channels are read, and how, is for admins."""
    if not may_run_channels(user):
        raise NotAllowed(_("Only admins look after channels."))


def check_may_see_channel(user: User, channel: Channel) -> None:
    """Supervisors send what was set aside through again, for the brands they see."""
    check_supervises(user)
    if not may_see(user, channel.brand_id):
        raise NotAllowed(_("This channel belongs to a brand of another team."))


def check_writes_rules(user: User) -> None:
    """Where tickets go concerns every brand: rules are for admins."""
    if not (user.is_active and user.is_admin):
        raise NotAllowed(_("Only admins write rules."))
