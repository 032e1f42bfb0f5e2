"""The command that puts a model in the shadow."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ingest.models import ReaderModel
from tests.cast import a_bell, a_person
from tests.trial import a_model

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    a_model(monkeypatch)


def add_reader(*words: str) -> str:
    out = StringIO()
    call_command("add_reader", *words, stdout=out)
    return out.getvalue()


def test_a_model_is_added_with_its_name_and_who_added_it() -> None:
    person = a_person()
    said = add_reader("new", "--name", "Care 2", "--by", person.email.upper())
    row = ReaderModel.objects.get()
    assert (row.name, row.role, row.added_by) == ("Care 2", "challenger", person)
    assert "Care 2 2 (new) now reads in the shadow; it decides on follow-up." in said


def test_a_second_one_needs_a_word() -> None:
    add_reader("new")
    with pytest.raises(CommandError, match="model-new 2 is tried already"):
        add_reader("lexicon")
    assert "it knows sentiment only" in add_reader("lexicon", "--instead")


@pytest.mark.parametrize("words", [["onnx:/nowhere"], ["nonsense"], ["new", "--by", "nobody@nawa.example"]])
def test_what_cannot_be_is_refused_in_a_sentence(words: list[str]) -> None:
    with pytest.raises(CommandError, match=r"cannot be used|Nobody here"):
        add_reader(*words)
    assert not ReaderModel.objects.exists()
