"""Mail between real servers: what is claimed of every network, and what only mail can show."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

import pytest

from tests.counterparts.journey import SOON, Journey, Place, complaint, token
from tests.counterparts.mail import BRAND, Mail, id_of, mail

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "0500015e5f2df20000000049454e44ae426082"
)


@dataclass
class ByToken:
    """The same mailbox, entered by tokens instead of a password."""

    mail: Mail
    platform = "email"
    label = "E-mail by token"
    against = ""
    pushes = True
    edits = tells_deletions = False
    chats = True

    def credentials(self) -> dict[str, str]:
        return self.mail.by_token()

    def options(self) -> dict[str, str]:
        return self.mail.token_options()


def post(place: Place) -> Mail:
    assert isinstance(place.network, Mail)
    return place.network


class TestMail(Journey):
    label: ClassVar[str] = "E-mail"
    start = staticmethod(mail)

    def test_an_answer_stands_in_the_thread_of_the_customers_program(self, place: Place) -> None:
        mine = place.kept["post"]
        [answer] = [one for one in post(place).box("lina@post.example") if id_of(one) == place.kept["answer"]]
        assert str(answer["References"]).split() == [f"<{mine}>"]
        assert str(answer["Subject"]).startswith("Re: My order")
        assert str(answer["From"]).endswith(f"{BRAND}>") or str(answer["From"]) == BRAND

    def test_a_copy_lies_once_among_what_was_sent(self, place: Place) -> None:
        copies = [id_of(one) for one in post(place).box(BRAND, "Sent")]
        assert copies.count(place.kept["answer"]) == 1

    def test_a_provider_that_keeps_no_copies_gets_one_from_us(self, place: Place) -> None:
        mark = token()
        place.network.mention(complaint(mark), by="noor")
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        post(place).office.tell("own-copies no")
        key = place.desk.answer(ticket, f"We look for your {mark}.")["key"]
        sent = place.desk.delivered(ticket, key)
        post(place).office.tell("own-copies yes")
        assert [id_of(one) for one in post(place).box(BRAND, "Sent")].count(sent["external_id"]) == 1

    def test_a_program_that_forgets_the_thread_is_understood_by_the_token_in_the_subject(self, place: Place) -> None:
        mark = token()
        [answer] = [one for one in post(place).box("lina@post.example") if id_of(one) == place.kept["answer"]]
        post(place).send(post(place).letter(f"And my {mark}?", "lina", subject=f"AW: {answer['Subject']}"))
        place.desk.message(mark, place.kept["ticket"], SOON)

    def test_what_was_said_before_is_folded_away(self, place: Place) -> None:
        mark = token()
        place.network.reply(place.kept["answer"], f"Still no {mark}!")
        message = place.desk.message(mark, place.kept["ticket"], SOON)
        assert message["text"].strip().endswith(f"Still no {mark}!")

    def test_an_out_of_office_note_is_never_answered(self, place: Place) -> None:
        mark = token()
        place.network.mention(complaint(mark), by="rami")
        ticket = place.desk.ticket(mark, place.channel, SOON)["id"]
        first = place.desk.answer(ticket, f"We look for your {mark}.")["key"]
        sent = place.desk.delivered(ticket, first)["external_id"]
        away = token()
        headers = {"Auto_Submitted": "auto-replied", "In_Reply_To": f"<{sent}>", "References": f"<{sent}>"}
        note = post(place).letter(f"I am away, {away}.", "rami", subject="Out of office", **headers)
        post(place).send(note)
        place.desk.message(away, ticket, SOON)
        # The ticket can still be answered: the answer goes to the person's own letter.
        second = place.desk.answer(ticket, f"Your {mark} is found.")["key"]
        place.desk.delivered(ticket, second)
        assert post(place).answers_to(id_of(note)) == []

    def test_a_note_that_stands_alone_cannot_be_answered(self, place: Place) -> None:
        mark = token()
        note = post(place).letter(complaint(mark), "tariq", subject="Automatic reply", Auto_Submitted="auto-generated")
        post(place).send(note)
        found = place.desk.until(lambda: place.desk.stored(id_of(note), place.channel), "the note", SOON)
        tickets = [one for one in place.desk.pages("tickets", channel=place.channel) if mark in one["preview"]]
        for ticket in tickets:
            with pytest.raises(AssertionError, match="automatic"):
                place.desk.answer(ticket["id"], "Thank you.")
        assert len(found) == 1
        assert post(place).answers_to(id_of(note)) == []

    def test_a_picture_and_a_program_that_came_along_are_told_apart(self, place: Place) -> None:
        mark = token()
        made = post(place).letter(complaint(mark), "salma")
        made.add_attachment(PICTURE, maintype="image", subtype="png", filename="broken.png")
        made.add_attachment(b"MZ" + b"\0" * 64, maintype="application", subtype="octet-stream", filename="invoice.exe")
        post(place).send(made)
        [message] = place.desk.until(lambda: place.desk.stored(id_of(made), place.channel), "the letter", SOON)
        told = {one["name"]: (one["type"], one["note"], "data" in one) for one in message["media"]}
        assert told == {"broken.png": ("image", "", True), "invoice.exe": ("file", "refused", False)}

    def test_a_mailbox_server_that_dies_loses_nothing(self, place: Place) -> None:
        marks = [token() for _ in range(3)]
        post(place).dovecot.kill()
        letters = [place.network.mention(complaint(mark), by=f"caller{n}") for n, mark in enumerate(marks)]
        post(place).dovecot.start()
        for mark, letter in zip(marks, letters, strict=True):
            place.desk.ticket(mark, place.channel, 120)
            place.desk.ticket(mark, place.polled, 120)
            assert len(place.desk.stored(letter, place.channel)) == 1

    def test_a_mailbox_that_was_renumbered_is_read_again_and_nothing_is_there_twice(self, place: Place) -> None:
        mark = token()
        post(place).dovecot.kill()
        post(place).dovecot.renumber(BRAND)
        letter = place.network.mention(complaint(mark), by="zain")
        post(place).dovecot.start()
        place.desk.ticket(mark, place.polled, 120)
        place.desk.ticket(mark, place.channel, 120)
        ids = [one["external_id"] for one in place.desk.pages("messages", channel=place.polled)]
        assert len(ids) == len(set(ids))
        assert ids.count(letter) == 1

    def test_a_mailbox_that_takes_tokens_is_read_and_answered(self, place: Place) -> None:
        name = f"By token {uuid4().hex[:6]}"
        channel = place.desk.connect(ByToken(post(place)), name, brand="Nawa, by token", seconds=place.interval)
        # Taken back before its time: the next use renews it.
        post(place).tokens.revoke()
        mark = token()
        letter = place.network.mention(complaint(mark), by="yara")
        ticket = place.desk.ticket(mark, channel, 60)["id"]
        post(place).tokens.revoke()
        key = place.desk.answer(ticket, f"Your {mark} is here.")["key"]
        place.desk.delivered(ticket, key, 90)
        assert [one.text for one in post(place).answers_to(letter)] == [f"Your {mark} is here."]
