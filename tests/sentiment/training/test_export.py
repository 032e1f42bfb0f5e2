"""Claims about the exported graph: the network's own answers, alike in any batch, embeddings in a file of their own."""

import hashlib

import numpy as np
import onnx
import pytest
import torch

from sentiment.backends.onnx import model_file, padded, session
from sentiment.backends.pieces import encode
from sentiment.training import export, network
from sentiment.training.batches import collate, encoded
from sentiment.training.network import Reader
from tests.sentiment.training import tiny

TEXTS = ("good phone", "bad late phone شكرا", "refund the phone please " * 6, "fine", "late " * 90)
PARENTS = ("", "thanks for asking", "", "bad", "fine")


def trained(origin, seed: int) -> Reader:
    """As after a training of its own: all but the frozen embeddings moved."""
    torch.manual_seed(seed)
    reader = network.build(origin, np.arange(origin.shape.vocabulary), 2)
    for value in reader.parameters():
        if value.requires_grad:
            value.data += 0.1 * torch.randn_like(value)
    return reader.eval()


@pytest.fixture(scope="module")
def reader(origin) -> Reader:
    return trained(origin, 1)


@pytest.fixture(scope="module")
def folder(reader, tmp_path_factory):
    made = tmp_path_factory.mktemp("exported")
    export.export(reader, made)
    return made


def feed(tokenizer, texts, parents) -> dict:
    pieces = encode(tokenizer, texts, parents)
    types = padded([one.types for one in pieces], 0)["input_ids"]
    return {**padded([one.ids for one in pieces], 1), "token_type_ids": types}


def network_says(reader: Reader, given: dict) -> tuple[np.ndarray, np.ndarray]:
    names = ("input_ids", "attention_mask", "token_type_ids")
    with torch.inference_mode():
        return tuple(one.numpy() for one in reader(*(torch.from_numpy(given[name]) for name in names)))


def test_the_graph_at_full_precision_says_what_the_network_says(reader, tokenizer, tmp_path):
    whole = tmp_path / "fp32.onnx"
    export.to_onnx(reader, str(whole))
    given = feed(tokenizer, TEXTS, PARENTS)
    said, wanted = session(whole).run(["logits", "evidence"], given), network_says(reader, given)
    for one, other in zip(said, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


def test_the_shipped_graph_says_nearly_the_same(reader, tokenizer, folder):
    given = feed(tokenizer, TEXTS, PARENTS)
    logits, evidence = session(model_file(folder)).run(["logits", "evidence"], given)
    wanted, spoken = network_says(reader, given)
    assert np.abs(logits - wanted).max() < 0.05 * np.abs(wanted).max()
    assert np.abs(evidence.sum(1) - logits[:, 3]).max() < 1e-4
    assert evidence.shape == spoken.shape


def test_a_post_reads_the_same_alone_and_among_others_of_any_length(tokenizer, folder):
    running = session(model_file(folder))
    together = running.run(["logits"], feed(tokenizer, TEXTS, PARENTS))[0]
    for number, (text, parent) in enumerate(zip(TEXTS, PARENTS, strict=True)):
        alone = running.run(["logits"], feed(tokenizer, [text], [parent]))[0][0]
        np.testing.assert_allclose(alone, together[number], atol=1e-4)


def test_every_wide_product_is_int8_and_the_heads_are_not(folder):
    kinds = [node.op_type for node in onnx.load(str(folder / export.MODEL)).graph.node]
    assert kinds.count("MatMulIntegerToFloat") == 2 * 4, "two layers of four products"
    assert kinds.count("MultiHeadAttention") == 2


def test_embeddings_stay_the_same_file_however_often_a_reader_is_trained(origin, folder, tmp_path):
    export.export(trained(origin, 2), tmp_path)
    one, other = ((place / export.EMBEDDINGS).read_bytes() for place in (folder, tmp_path))
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()
    assert (folder / export.MODEL).read_bytes() != (tmp_path / export.MODEL).read_bytes()


def test_embeddings_are_a_byte_a_number_and_one_scale_a_piece(origin, folder):
    pieces, hidden = origin.shape.vocabulary, origin.shape.hidden
    assert (folder / export.EMBEDDINGS).stat().st_size == pieces * (hidden + 4)


def test_embeddings_frozen_in_training_are_shipped_as_they_were(reader, folder):
    words = reader.get_parameter("encoder.embeddings.word_embeddings.weight").numpy()
    data = (folder / export.EMBEDDINGS).read_bytes()
    steps = np.frombuffer(data, np.int8, words.size).reshape(words.shape)
    scale = np.frombuffer(data, np.float32, len(words), words.size)[:, None]
    np.testing.assert_allclose(steps * scale, words, atol=1e-6)


def test_a_long_post_with_its_parent_fits(tokenizer, folder):
    given = feed(tokenizer, ["late " * 400], ["good " * 400])
    assert given["input_ids"].shape == (1, 170)
    assert np.isfinite(session(model_file(folder)).run(["logits"], given)[0]).all()


def test_collated_rows_and_read_texts_are_the_same_tokens(tokenizer):
    rows = tiny.rows(6)
    given = feed(tokenizer, [row.text for row in rows], [row.parent for row in rows])
    batch = collate(encoded(tokenizer, rows))
    for name, value in given.items():
        np.testing.assert_array_equal(getattr(batch, name).numpy(), value)
