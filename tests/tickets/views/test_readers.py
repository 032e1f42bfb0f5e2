"""Monitor -> Readers: two models side by side, for supervisors; choosing one, for admins."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from ingest import corrections, shadow
from ingest.models import Channel, ReaderModel, Reread
from tests.cast import a_bell, a_care_reader, a_person, a_post, now, receive
from tests.tickets.views.conftest import signed_in
from tests.trial import a_challenger, a_champion, a_model
from tickets.reports import readers as report

PAGE = "/monitor/readers/"
QUERIES = 13


@pytest.fixture(autouse=True)
def _models(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    a_bell(monkeypatch)
    a_model(monkeypatch, "old", version="1")
    a_model(monkeypatch, "new", contrary=True)
    report.remembered.cache_clear()


@pytest.fixture
def admin(channel: Channel) -> Client:
    return signed_in(a_person(channel.brand, role=Role.ADMIN, name="Amal"))


def disagree(channel: Channel, count: int = 1, text: str = "my bill is wrong") -> None:
    messages = receive(channel, *[a_post(f"{text} {n}", by=f"p{n}") for n in range(count)], read=a_care_reader)
    while shadow.read_some():
        pass
    corrections.write(messages[0], "urgency", "low", by=a_person())


def html(client: Client, query: str = "") -> str:
    return client.get(f"{PAGE}{query}").content.decode()


def test_the_page_is_for_supervisors(desk: Client, supervisor: Client) -> None:
    assert desk.get(PAGE).status_code == 403
    assert supervisor.get(PAGE).status_code == 200
    assert 'href="/monitor/readers/"' in supervisor.get("/monitor/books/").content.decode()
    assert 'href="/monitor/readers/"' not in desk.get("/monitor/channels/").content.decode()


def test_with_nothing_on_trial_it_says_in_a_sentence_how_to_begin(supervisor: Client) -> None:
    page = html(supervisor)
    assert "No model on trial" in page
    assert "Run manage.py add_reader onnx:/folder on the server" in page
    assert "The model of the settings" in page


def test_both_stand_side_by_side_with_what_they_differ_on(channel: Channel, supervisor: Client) -> None:
    a_champion("old")
    a_challenger()
    disagree(channel)
    ReaderModel.objects.filter(role="champion").update(model="test-reader")
    page = html(supervisor)
    assert all(part in page for part in ("model-old", "model-new", "my bill is wrong 0", "1 message read by both"))
    assert "0.0%" in page
    assert "0/1" in page


def test_the_cost_does_not_grow_with_what_was_read(
    channel: Channel, supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_challenger()
    disagree(channel)
    with django_assert_max_num_queries(QUERIES):
        html(supervisor)
    disagree(channel, 60, "another")
    report.remembered.cache_clear()
    with django_assert_max_num_queries(QUERIES):
        html(supervisor)


def test_leafing_through_disagreements_counts_nothing_anew(
    channel: Channel, supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_challenger()
    disagree(channel, 25)
    html(supervisor)
    with django_assert_max_num_queries(QUERIES - 5):
        html(supervisor, "?label=sentiment")


def test_disagreements_come_in_pages_and_by_label(channel: Channel, supervisor: Client) -> None:
    a_challenger()
    disagree(channel, 25)
    first = html(supervisor, "?label=sentiment")
    assert first.count("<li>") == 20
    older = first.split("before=")[1].split("#")[0]
    assert html(supervisor, f"?label=sentiment&before={older}").count("<li>") == 5
    assert "Older ones" not in html(supervisor, f"?before={older}")
    assert html(supervisor, "?label=nonsense&before=x").count("<li>") == 20


def test_admins_promote_and_the_page_tells_who_did(channel: Channel, admin: Client, supervisor: Client) -> None:
    row = a_challenger()
    disagree(channel)
    assert f"{PAGE}{row.pk}/promote" not in html(supervisor)
    assert supervisor.post(f"{PAGE}{row.pk}/promote").status_code == 403
    assert f"{PAGE}{row.pk}/promote" in html(admin)
    page = admin.post(f"{PAGE}{row.pk}/promote", follow=True).content.decode()
    assert "model-new 2 reads from now on." in page
    assert "Amal" in page
    row.refresh_from_db()
    assert row.role == "champion"
    assert row.metrics["promotion"]["messages"] == 1


def test_a_promotion_is_asked_for_by_post_alone(admin: Client) -> None:
    row = a_challenger()
    assert admin.get(f"{PAGE}{row.pk}/promote").status_code == 405
    assert admin.post(f"{PAGE}0/promote").status_code == 404


def test_what_is_retired_stays_on_the_page_and_can_come_back(admin: Client) -> None:
    row = a_challenger()
    page = admin.post(f"{PAGE}{row.pk}/retire", follow=True).content.decode()
    assert "model-new 2 is retired." in page
    assert "Earlier models" in page
    assert f"{PAGE}{row.pk}/promote" in page


def test_trouble_is_told_here_and_on_the_page_of_troubles(supervisor: Client, desk: Client) -> None:
    a_champion("old")
    ReaderModel.objects.update(trouble="OSError: the <folder> is gone")
    for page in (html(supervisor), desk.get("/monitor/channels/").content.decode()):
        assert "The model in charge, model-old 1, cannot read." in page
        assert "OSError: the &lt;folder&gt; is gone" in page


def test_a_run_of_reading_again_shows_how_far_it_is(supervisor: Client) -> None:
    job = Reread.objects.create(
        since=now(),
        spec="new",
        model="model-new",
        version="2",
        last=9,
        total=9,
        done=4,
        started_at=now(),
        moved_at=now(),
    )
    assert "4 of 9 messages so far." in html(supervisor)
    Reread.objects.filter(pk=job.pk).update(finished_at=now())
    assert "so far" not in html(supervisor)
