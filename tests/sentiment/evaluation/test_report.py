"""Claims about the report: a group for each file, language and part, all together, and a document for programs."""

import json
from dataclasses import replace

import pytest

from sentiment.evaluation.report import FEW, Read, Reader, document, means, report
from sentiment.evaluation.rows import Labelled
from tests.sentiment.evaluation.cast import COMPLAINT, THANKS, rows, said

READER = Reader("onnx", "radd", "1", 2, 2)


def a_file(name: str, given: list[Labelled], seconds: float | None = 0.5, **fields) -> Read:
    return Read(name, given, [said(row) for row in given], seconds, **fields)


def names(groups) -> list[str]:
    return [group.name for group in groups]


def test_each_file_has_all_and_its_languages_and_so_have_all_files_together():
    found = report(READER, [a_file("a", rows(3, 2)), a_file("b", rows(0, 4))])
    assert [(file.name, names(file.groups)) for file in found.files] == [
        ("a", ["all", "ar", "en"]),
        ("b", ["all", "ar"]),
    ]
    assert names(found.together.groups) == ["all", "ar", "en"]
    assert [group.figures.rows for group in found.together.groups] == [9, 6, 3]


def test_speed_is_rows_by_seconds_and_unknown_where_nothing_was_timed():
    found = report(READER, [a_file("a", rows(3, 2)), a_file("b", rows(2, 3), 1.5)])
    assert [file.messages_per_second for file in found.files] == [10.0, pytest.approx(10 / 3)]
    assert found.together.messages_per_second == 5.0
    assert report(READER, [a_file("a", rows(), None), a_file("b", rows())]).together.messages_per_second is None


def test_languages_that_only_the_reader_told_must_be_worth_a_line():
    told = [replace(row, language="") for row in [COMPLAINT] * FEW + [THANKS] * 3]
    answers = [said(row) for row in [COMPLAINT] * FEW + [THANKS] * 3]
    found = report(READER, [Read("a", told, answers)])
    assert names(found.files[0].groups) == ["all", "en", "other"]


def test_a_field_that_is_asked_for_parts_the_rows_further():
    given = [replace(THANKS, part="gulf"), replace(THANKS, part="egyptian"), COMPLAINT]
    found = report(READER, [a_file("a", given)], by="dialect")
    assert names(found.files[0].groups) == ["all", "ar", "en", "dialect: egyptian", "dialect: gulf"]


def test_means_over_files_weigh_each_file_alike():
    wrong = [replace(said(COMPLAINT), sentiment="neutral")] * 8
    found = report(READER, [a_file("a", rows(1, 1)), Read("b", [COMPLAINT] * 8, wrong)])
    assert found.means == {"model": {"files": 2, "sentiment_macro_f1": 0.5, "sentiment_macro_recall": 0.5}}
    assert means([found.files[0].groups[0]]) == {}, "one file needs no mean"


def test_baselines_stand_beside_the_model_and_together_only_where_they_answered_everywhere():
    given = rows()
    both = {"TF-IDF + LR": [said(row) for row in given]}
    found = report(
        READER,
        [
            a_file("a", given, baselines=both),
            a_file("b", given, baselines=both | {"VADER": [said(row) for row in given]}),
        ],
    )
    assert list(found.files[1].groups[0].baselines) == ["TF-IDF + LR", "VADER"]
    assert list(found.together.groups[0].baselines) == ["TF-IDF + LR"]
    assert found.means["TF-IDF + LR"]["files"] == 2


def test_the_document_is_json_with_what_is_needed_to_read_it():
    found = json.loads(json.dumps(document(report(READER, [a_file("a", rows())])), allow_nan=False))
    assert found["reader"] == {"spec": "onnx", "model": "radd", "version": "1", "cpus": 2, "threads": 2}
    assert found["calibration"]["reported"] == "ece"
    assert found["intervals"]["resamples"] == 1000
    (file,) = found["files"]
    everything = file["groups"][0]["figures"]
    assert everything["sentiment"]["macro_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert [one["precision"] for one in everything["follow_up"]["at"]] == [0.8, 0.85, 0.9]
    assert found["together"] == file


def test_nothing_read_is_no_report():
    with pytest.raises(ValueError, match="nothing"):
        report(READER, [])
