"""A tiny base and its tokenizer, made once a session; files that need PyTorch are skipped where it is not installed."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from sentiment.training.base import Base
from tests.sentiment.training import tiny

NEED_THE_EXTRA = {
    "test_batches.py",
    "test_export.py",
    "test_fit.py",
    "test_main.py",
    "test_network.py",
    "test_predict.py",
    "test_quantise.py",
    "test_recipe.py",
    "test_ship.py",
}
NOT_TESTED = "NOT TESTED: needs radd[train] (make test-training)"


class NotTested(pytest.Module):
    """A file that cannot be imported without the packages of training."""

    def collect(self):
        """Skip it whole, and say why."""
        pytest.skip(NOT_TESTED, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Files in `NEED_THE_EXTRA` are collected only where the extra is installed."""
    here = all(find_spec(name) for name in ("torch", "onnx"))
    wanted = module_path.parent == Path(__file__).parent and module_path.name in NEED_THE_EXTRA
    return NotTested.from_parent(parent, path=module_path) if wanted and not here else None


@pytest.fixture(scope="session")
def origin() -> Base:
    """Random weights; tests must not change them."""
    return tiny.random_base()


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """The tokenizer of `origin`."""
    return tiny.tokenizer()
