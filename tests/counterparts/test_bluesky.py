"""Bluesky's own servers: what is claimed of every network, and what only they can show."""

from typing import ClassVar

import pytest

from tests.counterparts import bluesky
from tests.counterparts.bluesky import BRAND, PICTURE, Bluesky, Json, parent_of
from tests.counterparts.journey import SOON, Journey, Place, complaint, token

LISTENER = "manage.py listen"


@pytest.fixture
def network(place: Place) -> Bluesky:
    """The network, with all that it can do."""
    assert isinstance(place.network, Bluesky)
    return place.network


def opened(place: Place, by: str) -> tuple[str, int]:
    """A complaint of somebody's and the ticket it became."""
    mark = token()
    post = place.network.mention(complaint(mark), by=by)
    return post, place.desk.ticket(mark, place.channel, SOON)["id"]


class TestBluesky(Journey):
    label: ClassVar[str] = "Bluesky"
    start = staticmethod(bluesky.started)

    # --- in -----------------------------------------------------------------------------------------------------------
    def test_a_plain_name_is_found_by_the_search_and_tells_nobody_else(self, place: Place, network: Bluesky) -> None:
        mark = token()
        network.say("amal", f"{bluesky.NAME} has lost my {mark}, terrible service, nobody answers!")
        ticket = place.desk.ticket(mark, place.polled, SOON)
        assert place.desk.message(mark, ticket["id"])["kind"] == "post"

    def test_a_mention_dated_2020_comes_in_by_stream_and_by_poll(self, place: Place, network: Bluesky) -> None:
        mark = token()
        network.meet("badr")
        words = f"@{BRAND}.test {complaint(mark)}"
        network.say("badr", words, facets=[network.naming(BRAND)], createdAt="2020-02-03T04:05:06.000Z")
        for channel in (place.channel, place.polled):
            place.desk.ticket(mark, channel, SOON)

    def test_a_quote_of_our_post_comes_in_as_a_quote(self, place: Place, network: Bluesky) -> None:
        mark = token()
        ours = network.say(BRAND, "Our new plans are here.")
        quoted = {"uri": ours, "cid": network.got(ours)["cid"]}
        network.say("ghada", complaint(mark), embed={"$type": "app.bsky.embed.record", "record": quoted})
        for channel in (place.channel, place.polled):
            ticket = place.desk.ticket(mark, channel, SOON)
            assert place.desk.message(mark, ticket["id"])["kind"] == "quote"

    def test_what_was_deleted_while_nobody_listened_is_heard_afterwards(self, place: Place, network: Bluesky) -> None:
        # Only the firehose tells of a deletion soon, and only a resumed one of a deletion in between.
        post, ticket = opened(place, "jamila")
        place.desk.kill(LISTENER)
        network.delete(post)
        mark = token()
        network.mention(complaint(mark), by="kamal")
        place.desk.until(lambda: [one for one in place.desk.story(ticket) if one["deleted_at"]], "the tombstone", 60)
        place.desk.ticket(mark, place.channel, SOON)

    def test_other_peoples_words_in_a_thread_are_its_context(self, place: Place, network: Bluesky) -> None:
        first, second, mark = token(), token(), token()
        root = network.say("lubna", f"Has anybody had trouble with {first}?")
        network.reply(root, f"I have, with {second}.", by="majid")
        network.meet("nuha")
        words = f"@{BRAND}.test {complaint(mark)}"
        network.say("nuha", words, facets=[network.naming(BRAND)], reply=network.refs(root))
        place.desk.ticket(mark, place.channel, SOON)

        def around() -> list[Json]:
            stored = place.desk.pages("messages", channel=place.channel, decision="context")
            return [one for one in stored if first in one["text"] or second in one["text"]]

        place.desk.until(lambda: len(around()) == 2, "the words around it", 60)
        tickets = " ".join(one["preview"] for one in place.desk.pages("tickets", channel=place.channel))
        assert first not in tickets
        assert second not in tickets

    def test_somebody_with_a_new_handle_is_the_same_person(self, place: Place, network: Bluesky) -> None:
        _post, ticket = opened(place, "rana")
        network.rename("rana", "rana-new.test")
        network.until(lambda: network.profile(BRAND, "rana").get("handle") == "rana-new.test", "the new handle")
        mark = token()
        network.mention(complaint(mark), by="rana")
        assert place.desk.ticket(mark, place.channel, SOON)["id"] == ticket
        who = place.desk.message(mark, ticket)["contact"]
        assert (who["external_id"], who["handle"]) == (network.people["rana"]["did"], "rana-new.test")

    # --- out ----------------------------------------------------------------------------------------------------------
    def test_links_names_and_tags_in_arabic_are_marked_where_they_stand(self, place: Place, network: Bluesky) -> None:
        post, ticket = opened(place, "sami")
        text = "مرحباً @sami.test، نعتذر منك. التفاصيل هنا: https://nawa.example/help والوسم #نوى"
        place.desk.delivered(ticket, place.desk.answer(ticket, text)["key"])
        answer = network.answers_to(post)[0]
        marked = {
            answer.text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"][0]
            for facet in network.record(answer.id)["facets"]
        }
        assert marked.keys() == {"@sami.test", "https://nawa.example/help", "#نوى"}
        assert marked["@sami.test"]["did"] == network.people["sami"]["did"]
        assert marked["https://nawa.example/help"]["uri"] == "https://nawa.example/help"
        assert marked["#نوى"]["tag"] == "نوى"

    def test_the_customer_sees_the_answer_in_the_thread_and_is_told_of_it(self, place: Place, network: Bluesky) -> None:
        post, ticket = opened(place, "tala")
        place.desk.delivered(ticket, place.desk.answer(ticket, "We have sent it again, sorry.")["key"])

        def shown() -> list[Json]:
            return list(network.seen_by("tala", post).get("replies", []))

        replies = network.until(shown, "the answer on the AppView")
        assert [one["post"]["record"]["text"] for one in replies] == ["We have sent it again, sorry."]
        told = network.call("app.bsky.notification.listNotifications", "tala")["notifications"]
        assert [(one["reason"], one["reasonSubject"]) for one in told] == [("reply", post)]

    def test_a_long_answer_is_a_numbered_thread(self, place: Place, network: Bluesky) -> None:
        post, ticket = opened(place, "umar")
        said = [f"This is sentence {number} of a long answer, which says what was done." for number in range(9)]
        place.desk.answer(ticket, " ".join(said))

        def chain() -> list[str]:
            under = {parent_of(one["value"]): one for one in network.posts_of(BRAND)}
            texts, at = [], post
            while at in under:
                texts.append(str(under[at]["value"]["text"]))
                at = under[at]["uri"]
            return texts

        parts = place.desk.until(lambda: chain() if len(chain()) == 3 else None, "three posts in a row", 90)
        assert [f"{number}/3" in part for number, part in enumerate(parts, 1)] == [True] * 3
        assert [sentence for sentence in said if sentence not in " ".join(parts)] == []

    def test_a_picture_goes_out_with_its_description(self, place: Place, network: Bluesky) -> None:
        post, ticket = opened(place, "warda")
        key = place.desk.picture(ticket, PICTURE, "A red point")
        place.desk.delivered(ticket, place.desk.answer(ticket, "So it looks.", pictures=[key])["key"])
        embed = network.record(network.answers_to(post)[0].id)["embed"]
        assert [one["alt"] for one in embed["images"]] == ["A red point"]
        assert embed["images"][0]["image"]["mimeType"] in {"image/png", "image/jpeg"}

    def test_whoever_has_blocked_us_is_not_answered_and_it_is_said_why(self, place: Place, network: Bluesky) -> None:
        post, ticket = opened(place, "yara")
        network.block("yara", BRAND)
        key = place.desk.answer(ticket, "We are sorry.")["key"]
        place.desk.until(lambda: place.desk.delivery(ticket, key)["state"] == "failed", "the refusal", SOON)
        assert place.desk.delivery(ticket, key)["error_code"] == "not_allowed"
        assert network.answers_to(post) == []

    def test_a_network_that_stands_still_for_a_while_delays_and_loses_nothing(
        self, place: Place, network: Bluesky
    ) -> None:
        post, ticket = opened(place, "idris")
        with network.standing_still():
            key = place.desk.answer(ticket, "Yours is found, sorry.")["key"]
            place.desk.until(lambda: place.desk.delivery(ticket, key)["error_code"], "a try that came to nothing", 90)
        place.desk.delivered(ticket, key, 120)
        assert [one.text for one in network.answers_to(post)] == ["Yours is found, sorry."]
        mark = token()
        network.mention(complaint(mark), by="hani")
        for channel in (place.channel, place.polled):
            place.desk.ticket(mark, channel, 90)

    # --- staying in ---------------------------------------------------------------------------------------------------
    def test_a_token_that_has_run_out_is_renewed_without_the_password(self, place: Place, network: Bluesky) -> None:
        before = place.desk.session(place.channel)
        place.desk.keep_session(place.channel, {**before, "access": network.run_out(before["access"])})
        post, ticket = opened(place, "zain")
        place.desk.delivered(ticket, place.desk.answer(ticket, "Here again.")["key"])
        assert [one.text for one in network.answers_to(post)] == ["Here again."]
        after = place.desk.session(place.channel)
        assert after["refresh"] != before["refresh"]
        assert bluesky.claims(after["refresh"])["jti"] != bluesky.claims(before["refresh"])["jti"]

    def test_a_password_that_was_revoked_needs_a_person(self, place: Place, network: Bluesky) -> None:
        # The last claim: nothing comes in by these keys from here on.
        network.call("com.atproto.server.revokeAppPassword", BRAND, name="radd")
        session = place.desk.session(place.polled)
        place.desk.keep_session(place.polled, {**session, "access": network.run_out(session["access"])})

        def state() -> Json | None:
            here = next(one for one in place.desk.pages("channels") if one["id"] == place.polled)
            return here if here["state"] == "broken" else None

        assert place.desk.until(state, "the channel to be ill", SOON)["error_code"] == "bad_credentials"
