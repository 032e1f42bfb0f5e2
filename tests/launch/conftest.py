"""Desks in folders of their own."""

from collections.abc import Iterator

import pytest

from tests.launch.desk import Desk


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A checkout with the stand-in desk; its processes end with the test."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    yield made
    made.sweep()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that runs while the tests of one module look at it."""
    made = Desk(tmp_path_factory.mktemp("running"))
    try:
        made.start("run")
        made.wait_for("Ctrl-C stops everything")
        yield made
    finally:
        made.sweep()
