"""Who reads is chosen by admins: one is in charge, and the one before it can come back."""

import pytest

from accounts.models import Role, User
from ingest import readers, scoring
from ingest.collect import store
from ingest.models import Message, ReaderModel
from tests.cast import a_bell, a_channel, a_person, a_post, at_once
from tests.trial import a_challenger, a_champion, a_model
from tickets.incoming import promotion
from tickets.permissions import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    a_model(monkeypatch, "old", version="1")
    a_model(monkeypatch, "new")


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
@pytest.mark.parametrize("verb", [promotion.promote, promotion.retire])
def test_only_admins_choose(role: Role, verb: object) -> None:
    row = a_challenger()
    with pytest.raises(NotAllowed, match="Only admins"):
        verb(row.pk, by=a_person(role=role))
    assert readers.challenger() == row


def test_the_promoted_one_reads_the_next_batch_and_the_one_before_is_retired(admin: User) -> None:
    old = a_champion("old")
    row = a_challenger()
    promotion.promote(row.pk, by=admin, figures={"messages": 5})
    row.refresh_from_db()
    old.refresh_from_db()
    assert (row.role, row.promoted_by, row.metrics["promotion"]) == ("champion", admin, {"messages": 5})
    assert row.promoted_at is not None
    assert (old.role, old.retired_by) == ("retired", admin)
    store(a_channel(), [a_post()])
    scoring.read_new()
    assert Message.objects.get().reader == "model-new"


def test_a_retired_one_can_come_back(admin: User) -> None:
    old = a_champion("old")
    promotion.promote(a_challenger().pk, by=admin)
    promotion.promote(old.pk, by=admin)
    old.refresh_from_db()
    assert (old.role, old.retired_at, old.retired_by) == ("champion", None, None)
    assert ReaderModel.objects.filter(role="retired").count() == 1


def test_without_a_champion_the_model_of_the_settings_reads_again(admin: User) -> None:
    row = a_champion("old")
    promotion.retire(row.pk, by=admin)
    assert readers.champion() is None
    assert readers.spec_in_charge() == "lexicon"


def test_doing_it_twice_changes_nothing(admin: User) -> None:
    row = a_challenger()
    for verb in (promotion.promote, promotion.retire):
        verb(row.pk, by=admin)
        before = ReaderModel.objects.filter(pk=row.pk).values().get()
        verb(row.pk, by=a_person(role=Role.ADMIN))
        assert ReaderModel.objects.filter(pk=row.pk).values().get() == before


def test_one_that_is_gone_is_nobody(admin: User) -> None:
    with pytest.raises(ReaderModel.DoesNotExist):
        promotion.promote(0, by=admin)


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_leave_one_in_charge() -> None:
    one, two = a_person(role=Role.ADMIN), a_person(role=Role.ADMIN)
    old, row = a_champion("old"), a_challenger()
    promotion.promote(row.pk, by=one)
    at_once(lambda: promotion.promote(old.pk, by=one), lambda: promotion.promote(row.pk, by=two))
    assert ReaderModel.objects.filter(role="champion").count() == 1
