"""A desk and a counterpart for each class of claims, and the table at the end."""

from collections.abc import Iterator

import pytest

from tests.counterparts.journey import Journey, Place, placed
from tests.counterparts.network import Unavailable
from tests.counterparts.report import TABLE


@pytest.fixture(scope="class")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The counterpart of this class, started, with a desk connected to it."""
    kind: type[Journey] = request.cls
    line = TABLE.line(kind.label)
    try:
        started = kind.start()
        network = started.__enter__()
    except Unavailable as why:
        line.skipped = str(why)
        pytest.skip(f"{kind.label}: {why}")
    try:
        line.against = network.against
        with placed(network, kind.interval) as here:
            yield here
    finally:
        started.__exit__(None, None, None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the claims of each counterpart."""
    label = next((str(value) for name, value in report.user_properties if name == "counterpart"), "")
    if not label:
        return
    line = TABLE.line(label)
    line.passed += report.when == "call" and report.passed
    line.failed += report.failed


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> None:
    if label := getattr(request.cls, "label", ""):
        request.node.user_properties.append(("counterpart", label))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if TABLE.lines:
        terminalreporter.section("counterparts")
        terminalreporter.write_line(TABLE.text())
