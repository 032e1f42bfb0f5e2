"""The record of changes tells who did what to which, and cannot be rewritten."""

import pytest
from django.db import DatabaseError, transaction

from accounts import audit
from accounts.models import AuditEntry
from tests.cast import a_brand, a_person

pytestmark = pytest.mark.django_db


def test_a_line_keeps_the_names_of_its_day() -> None:
    brand, person = a_brand("Nawa"), a_person(name="Lina")
    audit.record(person, "brand.renamed", brand, changed=["name"])
    brand.name = "Nawa Telecom"
    brand.save()
    (line,) = audit.of(brand)
    assert (line.actor_name, line.verb, line.subject_name, line.data) == (
        "Lina",
        "brand.renamed",
        "Nawa",
        {"changed": ["name"]},
    )


def test_lines_of_a_thing_come_newest_first_and_without_those_of_others() -> None:
    brand, other = a_brand(), a_brand()
    for verb, subject in (("one", brand), ("two", other), ("three", brand)):
        audit.record(None, verb, subject)
    assert [line.verb for line in audit.of(brand)] == ["three", "one"]


def test_a_line_is_neither_changed_nor_deleted() -> None:
    line = audit.record(a_person(), "brand.made", a_brand())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=line.pk).update(verb="nothing")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        line.delete()
    assert AuditEntry.objects.get().verb == "brand.made"


def test_somebody_who_is_deleted_leaves_their_lines_behind() -> None:
    person = a_person(name="Lina")
    audit.record(person, "brand.made", a_brand())
    person.delete()
    line = AuditEntry.objects.get()
    assert (line.actor, line.actor_name) == (None, "Lina")
