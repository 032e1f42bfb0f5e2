"""Claims about models from the hub or a folder: with an ONNX export no torch is needed, without one it is asked for.

No network is used: hub models lie in a cache of our own making (`tiny_export`). The torch path is tested with a tiny
model made here, where torch is installed (`pip install radd[torch]`).
"""

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
import warnings

import pytest
from django.conf import settings

from sentiment import engine
from sentiment.backends import hub, onnx
from tests.sentiment import tiny_export

HAS_TORCH = importlib.util.find_spec("torch") is not None
if not HAS_TORCH:
    warnings.warn("torch is not installed: the PyTorch path of sentiment.backends.hub is NOT tested", stacklevel=1)
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="NOT TESTED: needs torch (pip install radd[torch])")
TEXTS = ["Worst service ever, nobody answers!", "شكرا لكم خدمة رائعة", "متى يرجع النت؟", "x" * 5000]


def test_a_folder_with_an_export_scores_as_the_same_files_do_without_transformers(tmp_path):
    folder = tiny_export.save(tmp_path / "both-ways", onnx="model.onnx")
    through = engine.read(TEXTS, f"transformers:{folder}")
    without = engine.read(TEXTS, f"onnx:{folder}")
    assert {one.model for one in through} == {folder.name}
    assert through[0].version == "local"
    for one, other in zip(through, without, strict=True):
        assert one.valence == pytest.approx(other.valence, abs=1e-6)


def test_no_texts_no_scores(tmp_path):
    folder = tiny_export.save(tmp_path / "nothing-to-read")
    assert engine.reader(f"transformers:{folder}").score([]) == []


def test_without_torch_a_model_without_an_export_names_what_to_install(monkeypatch, tmp_path):
    folder = tiny_export.save(tmp_path / "weights-only", onnx="")
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises(hub.TorchMissingError, match=r"pip install radd\[torch\]"):
        hub.load(str(folder))


def test_a_model_that_is_not_there_is_said_to_be_missing_not_torch(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    with pytest.raises((OSError, ValueError), match="nowhere"):
        hub.load(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("onnx_file", ["onnx/model.onnx", "model.onnx"])
def test_labels_in_any_order_and_spelling_are_read_from_id2label(tmp_path, onnx_file):
    folder = tiny_export.save(tmp_path / "upside-down", onnx=onnx_file)
    good, bad, mild = engine.read(["good service", "خدمة سيئة", "service"], f"transformers:{folder}")
    assert (good.sentiment, bad.sentiment, mild.sentiment) == ("positive", "negative", "neutral")
    assert good.positive == pytest.approx(math.exp(3) / (math.exp(3) + math.exp(0.5) + 1), abs=1e-5)


READ_FROM_CACHE = """
import json, sys
import django
from django.conf import settings
django.setup()
from sentiment import engine
read = engine.read(["good service", "bad bad service", "خدمة ممتازة"], settings.READER)
print(json.dumps([(one.sentiment, one.model, one.version) for one in read]))
assert "torch" not in sys.modules
"""


def in_a_process_of_its_own(code: str, cache, **variables: str) -> subprocess.CompletedProcess[str]:
    """Hugging Face reads its variables when it is loaded, so a process that has not loaded it yet."""
    env = {name: value for name, value in os.environ.items() if name not in ("RADD_READER", "HF_HOME")}
    env |= {"DJANGO_SETTINGS_MODULE": "care.settings", "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1", **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )


def test_sentiment_model_reads_with_a_model_from_the_hubs_cache_without_network_or_torch(tmp_path):
    snapshot = tiny_export.save_to_cache(tmp_path, "nawa/tiny-sentiment")
    ran = in_a_process_of_its_own(READ_FROM_CACHE, tmp_path, SENTIMENT_MODEL="nawa/tiny-sentiment")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert [sentiment for sentiment, _, _ in said] == ["positive", "negative", "positive"]
    assert {(model, version) for _, model, version in said} == {("nawa/tiny-sentiment", snapshot.name)}


def test_sentiment_model_may_be_a_local_folder(tmp_path):
    folder = tiny_export.save(tmp_path / "our-own")
    ran = in_a_process_of_its_own(READ_FROM_CACHE, tmp_path / "empty", SENTIMENT_MODEL=str(folder))
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert [sentiment for sentiment, _, _ in said] == ["positive", "negative", "positive"]
    assert {model for _, model, _ in said} == {"our-own"}


def test_a_model_that_the_cache_lacks_is_a_clear_error_offline(tmp_path):
    ran = in_a_process_of_its_own(READ_FROM_CACHE, tmp_path, SENTIMENT_MODEL="nawa/never-fetched")
    assert ran.returncode != 0
    assert "nawa/never-fetched" in ran.stderr
    assert "offline" in ran.stderr.lower()


def test_a_reader_of_ours_is_read_with_all_it_knows(tmp_path):
    folder = tmp_path / "ours"
    shutil.copytree(onnx.BUNDLED, folder)
    (reading,) = engine.read(["@nawa_care the app keeps crashing, please fix it"], f"transformers:{folder}")
    assert reading.follow_up is not None
    assert reading.model == "radd-reader"


def test_a_reader_of_ours_without_its_embeddings_is_refused_by_their_name(tmp_path):
    for name in {"config.json", *onnx.OURS} - {onnx.EMBEDDINGS}:
        (tmp_path / name).symlink_to(onnx.BUNDLED / name)
    with pytest.raises(FileNotFoundError, match=r"embeddings\.int8\.bin is missing"):
        hub.load(str(tmp_path))


def test_a_reader_of_ours_is_found_in_the_hubs_cache_with_its_embeddings(tmp_path):
    cached = tiny_export.lay_in_cache(tmp_path, "nawa/our-reader", onnx.BUNDLED)
    read = READ_FROM_CACHE.replace("one.sentiment, one.model, one.version", "one.sentiment, one.model, one.follow_up")
    ran = in_a_process_of_its_own(read, tmp_path, SENTIMENT_MODEL="nawa/our-reader")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert cached.is_dir()
    assert all(model == "radd-reader" and follow_up is not None for _, model, follow_up in said)


def test_a_model_whose_labels_are_no_sentiment_is_refused(tmp_path):
    folder = tiny_export.save(tmp_path / "emotions", labels={"0": "joy", "1": "anger", "2": "fear"})
    with pytest.raises(ValueError, match="joy"):
        hub.load(str(folder))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A PyTorch model of two layers with random weights and a word tokenizer, made here in a second."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(7)
    words = ["[PAD]", "[UNK]", "good", "bad", "service", "خدمة", "سيئة", "ممتازة", "!", "?"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=128, id2label={0: "negative", 1: "positive"}, label2id={"negative": 0, "positive": 1},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny")
    BertForSequenceClassification(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    return folder


@needs_torch
def test_a_torch_model_reads_texts_of_any_length_in_order(tiny):
    texts = ["good service !", "خدمة سيئة", "bad " * 400, "خدمة ممتازة ! ! !"]
    readings = engine.read(texts, f"transformers:{tiny}")
    assert {reading.model for reading in readings} == {tiny.name}
    assert all(reading.neutral == 0 for reading in readings), "a model of two labels has no neutral"
    alone = [engine.read([text], f"transformers:{tiny}")[0] for text in texts]
    for one, other in zip(readings, alone, strict=True):
        assert one.positive == pytest.approx(other.positive, abs=1e-5)
    assert len({round(reading.positive, 6) for reading in readings}) > 1
