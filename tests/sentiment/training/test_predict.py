"""Claims about the network's answers on rows: in the order asked for, alike in any company."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sentiment.backends.heads import SIZES
from sentiment.training import network
from sentiment.training.predict import predict
from tests.sentiment.training import tiny


@pytest.fixture(scope="module")
def reader(origin):
    torch.manual_seed(4)
    return network.build(origin, np.arange(origin.shape.vocabulary), 2)


def test_answers_stand_in_the_order_of_the_rows(reader, tokenizer):
    rows = [replace(row, text=row.text * (1 + number % 3)) for number, row in enumerate(tiny.rows(70))]
    found = predict(reader, tokenizer, rows)
    backwards = predict(reader, tokenizer, rows[::-1])
    assert found.shape == (70, sum(SIZES.values()))
    np.testing.assert_allclose(found, backwards[::-1], atol=0.05)
    assert np.abs(found - backwards).max() > 0.05


def test_posts_can_be_read_without_what_they_reply_to(reader, tokenizer):
    rows = tiny.rows(9)
    alone = predict(reader, tokenizer, [replace(row, parent="") for row in rows])
    np.testing.assert_allclose(predict(reader, tokenizer, rows, parents=False), alone, atol=1e-6)
    assert np.abs(predict(reader, tokenizer, rows) - alone)[0].max() > 1e-3


def test_reading_leaves_no_dropout_on(reader, tokenizer):
    reader.train()
    rows = tiny.rows(5)
    np.testing.assert_array_equal(predict(reader, tokenizer, rows), predict(reader, tokenizer, rows))
