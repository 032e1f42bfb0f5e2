"""A Mastodon server: what is claimed of every network, and what only it can show."""

from datetime import UTC, datetime
from typing import ClassVar

from ingest.platforms.base import Account, Kind, LookedUp, Outgoing, Page, Unkept
from ingest.platforms.mastodon.adapter import Mastodon as Adapter
from tests.counterparts.journey import SOON, Journey, Place, complaint, token
from tests.counterparts.mastodon import Mastodon, mastodon


def server(place: Place) -> Mastodon:
    assert isinstance(place.network, Mastodon)
    return place.network


def adapter(network: Mastodon) -> Adapter:
    """Radd's adapter by itself, in the brand's account."""
    options = {"base_url": network.base_url}
    credentials = {"access_token": network.brand["access_token"]}
    return Adapter(Account(1, network.brand["id"], "", credentials, options, session=Unkept()))


class TestMastodon(Journey):
    label: ClassVar[str] = "Mastodon"
    start = staticmethod(mastodon)

    def test_what_was_said_in_private_is_answered_in_private(self, place: Place) -> None:
        network, mark = server(place), token()
        post = network.mention(complaint(mark), by="noor", visibility="direct")
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        key = place.desk.answer(ticket, "We have written to you about it.")["key"]
        place.desk.delivered(ticket, key)
        assert [one["visibility"] for one in network.below(post)] == ["direct"]

    def test_an_answer_names_whom_it_answers(self, place: Place) -> None:
        [answer] = server(place).below(place.kept["post"])
        assert [one["acct"] for one in answer["mentions"]] == ["lina"]

    def test_one_key_posts_once_whoever_forgets_that_it_was_sent(self, place: Place) -> None:
        network = server(place)
        post = network.mention("Are you open today?", by="omar")
        outgoing = Outgoing(
            key=f"delivery-{post}", text="We are.", parent_id=post, root_id=post, conversation_key=post,
            to_handle="omar", kind=Kind.MENTION, first_tried_at=datetime.now(UTC),
        )  # fmt: skip
        sent = [adapter(network).reply(outgoing).external_id for _ in range(3)]
        assert len(set(sent)) == len(network.below(post)) == 1
        found = adapter(network).find_reply(outgoing)
        assert found
        assert found.external_id == sent[0]

    def test_an_edit_and_a_deletion_that_no_stream_tells_are_seen_by_looking(self, place: Place) -> None:
        network = server(place)
        edited, deleted = (network.mention(f"Where is parcel {number}?", by="omar") for number in range(2))
        network.edit(edited, "Where is my other parcel?")
        network.delete(deleted)
        found: LookedUp = adapter(network).look_up([edited, deleted])
        assert found.gone == {deleted}
        [post] = found.posts
        assert post.edited_at
        assert "other parcel" in post.text

    def test_a_post_has_the_length_that_this_server_tells(self, place: Place) -> None:
        network = server(place)
        told = network.instance()["configuration"]["statuses"]["max_characters"]
        ours = adapter(network)
        ours.verify()
        post = network.mention("Tell me everything.", by="omar")
        longest = "ل" * ours.length("").limit
        outgoing = Outgoing(
            key=f"long-{post}", text=longest, parent_id=post, root_id=post, conversation_key=post, to_handle="omar",
            kind=Kind.MENTION, first_tried_at=datetime.now(UTC),
        )  # fmt: skip
        assert ours.length(longest).fits
        ours.reply(outgoing)
        [answer] = network.below(post)
        assert told - 40 < len(network.source(answer["id"])) <= told

    def test_a_refusal_for_now_stops_reading_for_now(self, place: Place) -> None:
        network, mark = server(place), token()
        network.fault("/api/v1/notifications", "GET", 1, type="ratelimit", headers={"Retry-After": "1"})
        network.mention(complaint(mark), by="rami")
        place.desk.ticket(mark, place.polled, 90)

    def test_a_send_the_server_fails_at_is_posted_once(self, place: Place) -> None:
        network, mark = server(place), token()
        post = network.mention(complaint(mark), by="yara")
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        network.fault("/api/v1/statuses", "POST", 1, type="malformed")
        key = place.desk.answer(ticket, f"Your {mark} is found.")["key"]
        place.desk.delivered(ticket, key, 120)
        assert len(network.answers_to(post)) == 1

    def test_what_others_said_around_a_post_is_told_as_context(self, place: Place) -> None:
        network = server(place)
        root = network.say("The network is down again in our street.", "omar")
        network.say("With us too.", "noor", in_reply_to_id=root["id"])
        post = network.reply(root["id"], "When will it be back?", by="omar")
        page: Page = adapter(network).fetch({})
        while page.more:
            page = adapter(network).fetch(page.cursor)
        mine = next(one for one in adapter(network).look_up([post]).posts)
        assert mine.root_id == root["id"]
        around = adapter(network).thread(mine).posts
        assert [(one.author.handle, one.context) for one in around] == [("omar", True), ("noor", True)]
