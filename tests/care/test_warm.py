"""A web process is ready before it is asked for anything."""

import gc
from collections.abc import Iterator

import pytest
from django.template import engines
from django.urls import clear_url_caches, get_resolver

from care.warm import template_names, warm


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_a_warm_process_has_read_its_addresses_and_templates_and_collects_them_no_more() -> None:
    cached = engines["django"].engine.template_loaders[0]
    cached.reset()
    clear_url_caches()
    warm()
    assert "url_patterns" in get_resolver().__dict__
    assert set(template_names()) <= set(cached.get_template_cache)
    assert gc.get_freeze_count() > 10_000


def test_the_templates_of_the_inbox_are_among_those_that_are_read() -> None:
    assert {"inbox/page.html", "inbox/pane.html", "inbox/rows.html"} <= set(template_names())
