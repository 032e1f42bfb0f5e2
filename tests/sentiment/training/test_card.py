"""Claims about the card beside a reader: it names every source with its terms, its rows and the figures reached."""

from sentiment.training import card
from sentiment.training.corpus import SOURCES
from tests.sentiment.training import tiny

METRICS = {
    "version": "2030.01",
    "labels": 43,
    "megabytes": {"model.int8.onnx": 20.4, "embeddings.int8.bin": 24.2},
    "int8": {"mean_moved": 0.0021, "mean_cost": -0.0004},
    "figures": {"tone own/ar": 0.71234},
}


def written(folder, rows) -> str:
    card.write(folder, METRICS, rows)
    return (folder / "MODEL.md").read_text()


def test_it_says_what_it_was_trained_on_and_under_which_terms(tmp_path):
    text = written(tmp_path, tiny.rows(3) + tiny.rows(2, "semeval"))
    assert "| own posts | 3 |" in text
    assert "| semeval | 2 | research use |" in text
    assert all(source.terms in text and source.origin in text for source in SOURCES)


def test_it_says_how_large_it_is_and_what_it_reached(tmp_path):
    text = written(tmp_path, [])
    assert "2030.01" in text
    assert "45 MB" in text
    assert "| tone own/ar | 0.712 |" in text


def test_corrections_are_named_only_where_there_were_some(tmp_path):
    assert "corrections" not in written(tmp_path, tiny.rows(1))
    assert "| corrections | 2 |" in written(tmp_path, tiny.rows(2, "correction"))
