"""A tiny base and its tokenizer, made once a session."""

import pytest
from tokenizers import Tokenizer

from sentiment.training.base import Base
from tests.sentiment.training import tiny


@pytest.fixture(scope="session")
def origin() -> Base:
    """Random weights; tests must not change them."""
    return tiny.random_base()


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """The tokenizer of `origin`."""
    return tiny.tokenizer()
