"""Models made up for tests of who reads: each is reached by its spec like a real one, and can be broken."""

from collections.abc import Callable, Sequence
from io import StringIO

import pytest
from django.core.management import call_command

from ingest import readers, rereading
from ingest.models import Channel, Message, ReaderModel, Reread
from sentiment import engine
from sentiment.reading import Care, Failure, Reading, Scores
from tests.cast import a_post, receive
from tickets.management.commands.reread import moment


class Model:
    """Reads by plain words, as tests.cast does; a contrary one says the opposite of the tone."""

    def __init__(self, name: str, version: str, *, care: bool, contrary: bool) -> None:
        self.name, self.version = name, version
        self.care, self.contrary = care, contrary
        self.broken: Exception | None = None
        self.heard: list[list[str]] = []
        self.loads = 0

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.heard.append(list(texts))
        if self.broken:
            raise self.broken
        if any("poison" in text for text in texts):
            raise ValueError("this text breaks the model")
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> Scores:
        unhappy = any(word in text for word in ("wrong", "down", "angry", "broken")) != self.contrary
        tone = (0.9, 0.07, 0.03) if unhappy else (0.03, 0.07, 0.9)
        return Scores(*tone, care=self._care(unhappy=unhappy) if self.care else None)

    def _care(self, *, unhappy: bool) -> Care:
        if unhappy:
            return Care(0.8, 0.4, ("complaint",), "normal", "overcharging", "solution")
        return Care(0.1, 0.4, ("thanks",), "low")


def a_model(
    monkeypatch: pytest.MonkeyPatch, spec: str = "new", version: str = "2", *, care: bool = True, contrary: bool = False
) -> Model:
    """A model that the engine loads under this spec; `broken` set to an error makes loading fail too."""
    model = Model(f"model-{spec}", version, care=care, contrary=contrary)

    def load(_argument: str) -> Model:
        model.loads += 1
        if model.broken:
            raise model.broken
        return model

    monkeypatch.setitem(engine._LOADERS, spec, load)
    engine.keep_only(())
    return model


def a_challenger(spec: str = "new", **fields: object) -> ReaderModel:
    """The model of this spec, put in the shadow."""
    row = readers.add(spec)
    ReaderModel.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


def a_champion(spec: str = "old") -> ReaderModel:
    """The model of this spec, in charge."""
    row = readers.add(spec)
    ReaderModel.objects.filter(pk=row.pk).update(role="champion")
    row.refresh_from_db()
    return row


# --- reading again ----------------------------------------------------------------------------------------------------
LONG_AGO = "2000-01-01"


def several(channel: Channel, count: int, text: str = "text") -> list[Message]:
    return receive(channel, *[a_post(f"{text} {turn}", by=f"person{turn}") for turn in range(count)])


def a_run(spec: str = "new") -> Reread:
    return rereading.begin(moment(LONG_AGO), None, spec, engine.reader(spec))


def read_with(spec: str = "new") -> Callable[..., list[Reading | Failure]]:
    return lambda texts, parents: engine.read_with(engine.reader(spec), texts, parents)


def reread(*words: str) -> str:
    out = StringIO()
    call_command("reread", "--since", LONG_AGO, "--no-progress", *words, stdout=out, stderr=out)
    return out.getvalue()
