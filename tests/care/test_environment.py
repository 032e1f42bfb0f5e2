"""Settings from the environment: what is given is taken, and what makes no sense is said."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from care import environment


@pytest.mark.parametrize(("given", "taken"), [("", None), ("  ", None), ("0", 0.0), ("0.35", 0.35), ("1", 1.0)])
def test_a_share_is_a_number_from_nought_to_one_or_nothing(
    monkeypatch: pytest.MonkeyPatch, given: str, taken: float | None
) -> None:
    monkeypatch.setenv("RADD_SHARE", given)
    assert environment.share("RADD_SHARE") == taken


@pytest.mark.parametrize("given", ["1.01", "-0.1", "35 %", "nan", "inf"])
def test_what_is_no_share_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("RADD_SHARE", given)
    with pytest.raises(ImproperlyConfigured, match="RADD_SHARE is"):
        environment.share("RADD_SHARE")


@pytest.mark.parametrize(
    ("given", "reader"),
    [
        ({}, "onnx"),
        ({"SENTIMENT_MODEL": "org/name"}, "transformers:org/name"),
        ({"SENTIMENT_MODEL": " /a/folder "}, "transformers:/a/folder"),
        ({"RADD_READER": "lexicon"}, "lexicon"),
        ({"RADD_READER": "lexicon", "SENTIMENT_MODEL": "org/name"}, "lexicon"),
        ({"RADD_READER": "  ", "SENTIMENT_MODEL": "org/name"}, "transformers:org/name"),
        ({"SENTIMENT_MODEL": ""}, "onnx"),
    ],
)
def test_a_model_of_hugging_face_reads_unless_a_reader_is_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], reader: str
) -> None:
    for name in ("RADD_READER", "SENTIMENT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert environment.reader() == reader
