"""The keys: one list, no two alike, and each person may change theirs."""

import pytest

from accounts.models import User
from tickets import keys
from tickets.permissions import NotAllowed


def test_no_two_keys_are_alike_and_each_has_a_part_of_the_sheet() -> None:
    assert len({key.key for key in keys.KEYS}) == len(keys.KEYS) == len(keys.BY_CODE)
    assert {key.group for key in keys.KEYS} == set(keys.GROUPS)


@pytest.mark.django_db
def test_a_person_changes_a_key_and_only_that_is_kept(agent: User) -> None:
    keys.choose(agent, {"snooze": "q", "take": "i", "unheard": "y"}, off=False)
    assert keys.chosen(User.objects.get(pk=agent.pk)) == {"off": False, "map": {"snooze": "q"}}


@pytest.mark.django_db
@pytest.mark.parametrize("own", [{"snooze": "i"}, {"snooze": "qq"}, {"snooze": "g"}, {"snooze": " g"}])
def test_a_key_that_is_taken_or_none_is_refused_whole(agent: User, own: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        keys.choose(agent, {"merge": "q", **own}, off=True)
    assert keys.chosen(User.objects.get(pk=agent.pk)) == {"off": False, "map": {}}


@pytest.mark.django_db
def test_two_keys_may_change_places(agent: User) -> None:
    keys.choose(agent, {"snooze": "m", "merge": "s"}, off=True)
    assert keys.chosen(agent) == {"off": True, "map": {"snooze": "m", "merge": "s"}}
