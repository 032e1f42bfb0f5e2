"""What is the same on every page comes once; what a row's icons are drawn from is the one sprite."""

import json
import re
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import a_brand, a_person
from tests.tickets.views.conftest import signed_in

CSS = settings.BASE_DIR / "static" / "css" / "rows.css"
SPRITE = settings.BASE_DIR / "static" / "icons.svg"


@pytest.mark.django_db
def test_pages_name_the_script_of_their_language_and_the_browser_keeps_it() -> None:
    agent = a_person(a_brand())
    for language, words in (("en", "Keys of this page"), ("ar", "هذه الصفحة")):
        client = signed_in(agent, accept_language=language)
        html = client.get("/inbox/mine/").content.decode()
        assert 'id="keys"' not in html
        named = re.search(r'src="(/furniture/[^"]+)"', html)
        assert named
        script = client.get(named[1])
        assert "immutable" in script.headers["Cache-Control"]
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert words in json.loads(script.content.decode().split('"beforeend", ')[1].removesuffix(");"))


@pytest.mark.django_db
def test_an_address_of_another_release_is_answered_and_not_kept() -> None:
    client = signed_in(a_person(a_brand()))
    assert client.get("/furniture/en.000000.js").headers["Cache-Control"] == "no-store"
    assert client.get("/furniture/tlh.000000.js").status_code == 404
    assert Client().get("/furniture/en.000000.js").status_code == 302


def test_the_icons_of_rows_are_those_of_the_sprite() -> None:
    sprite = dict(re.findall(r'<symbol id="([^"]+)" viewBox="0 0 24 24">(.*?)</symbol>', SPRITE.read_text()))
    css = CSS.read_text()
    drawn = dict(re.findall(r'--s-([a-z0-9-]+):url\("data:image/svg\+xml,(.*?)"\);', css))
    assert len(drawn) > 15
    for name, image in drawn.items():
        assert sprite[name].replace('"', "'") in unquote(image), name
    assert set(re.findall(r"var\(--s-([a-z][a-z0-9-]+)\)", css)) == set(drawn)
