"""Pictures on X: uploaded once, described, in order, and never the reason why an answer is posted twice."""

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.platforms.base import Image, ImageLimits, Kind, Outgoing, PlatformError, SendsImages, Unkept
from ingest.platforms.x import media as x_media
from ingest.platforms.x.activity import LEGACY_DM
from ingest.platforms.x.adapter import X
from ingest.platforms.x.media import METADATA, UPLOAD
from tests.platforms.conftest import BOTH_SPELLINGS, account
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.fake_x.oauth import CLIENT_ID, CLIENT_SECRET

# The smallest whole PNG: one grey point.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
BILL = Image(PNG, "image/png", "The corrected bill: 40 riyals")
MAP = Image(PNG + b"-", "image/png", "الفرع على الخريطة")
PLAIN = Image(PNG + b"--", "image/png", "")


def answer(fake: FakeX, *images: Image, text: str = "We have mended it") -> Outgoing:
    parent = fake.world.post("amal", f"@{BRAND.handle} my bill is wrong")
    return Outgoing(
        "key-1", text, parent.id, parent.conversation_id, parent.conversation_id, "amal", Kind.MENTION,
        datetime.now(UTC), images=images,
    )  # fmt: skip


def a_message(fake: FakeX, *images: Image) -> Outgoing:
    amal = fake.world.user("amal")
    raw = {LEGACY_DM: True, "message_create": {"sender_id": amal.id}}
    return Outgoing(
        "key-1", "Here it is", "dm-1", "dm-1", f"dm-{amal.id}-{BRAND.id}", "amal", Kind.DM, datetime.now(UTC),
        parent_raw=raw, images=images,
    )  # fmt: skip


def calls(fake: FakeX, path: str) -> int:
    return sum(called == path for _, called, _, _ in fake.calls)


def refusal(x: X, outgoing: Outgoing) -> PlatformError:
    with pytest.raises(PlatformError) as error:
        x.reply(outgoing)
    return error.value


@BOTH_SPELLINGS
def test_pictures_are_shown_in_order_each_with_its_description(fake_x: FakeX, x: X) -> None:
    x.reply(answer(fake_x, BILL, MAP))
    (ours,) = fake_x.world.timeline(BRAND)
    assert [medium["alt_text"] for medium in ours.media] == [BILL.alt, MAP.alt]
    assert [upload.content for upload in fake_x.api.media.uploads.values()] == [BILL.content, MAP.content]


def test_a_picture_without_a_description_is_not_described(fake_x: FakeX, x: X) -> None:
    x.reply(answer(fake_x, PLAIN))
    assert (calls(fake_x, UPLOAD), calls(fake_x, METADATA)) == (1, 0)


def test_an_answer_without_pictures_asks_for_no_upload(fake_x: FakeX, x: X) -> None:
    x.reply(answer(fake_x))
    assert calls(fake_x, UPLOAD) == 0
    assert "media" not in fake_x.calls[-1][3]


@pytest.mark.parametrize("trouble", ["too_many", "html_403", "drop"])
def test_an_answer_that_is_tried_again_uploads_nothing_twice(fake_x: FakeX, trouble: str) -> None:
    outgoing, session = answer(fake_x, BILL, MAP), Unkept()
    fake_x.fault(trouble, on="/2/tweets")
    refusal(X(account(fake_x.url, session=session)), outgoing)
    X(account(fake_x.url, session=session)).reply(outgoing)
    (ours,) = fake_x.world.timeline(BRAND)
    assert [medium["alt_text"] for medium in ours.media] == [BILL.alt, MAP.alt]
    assert (calls(fake_x, UPLOAD), calls(fake_x, METADATA)) == (2, 2)


def test_of_two_pictures_the_second_is_uploaded_alone_after_it_failed(fake_x: FakeX) -> None:
    outgoing, session = answer(fake_x, BILL, MAP), Unkept()
    x = X(account(fake_x.url, session=session))
    fake_x.fault("drop", on=METADATA)
    error = refusal(x, outgoing)
    # Nothing of the answer is on X, and that is known.
    assert (type(error), error.code, error.permanent) == (PlatformError, "unreachable", False)
    x.reply(outgoing)
    assert [upload.content for upload in fake_x.api.media.uploads.values()] == [BILL.content, MAP.content]


def test_what_x_has_forgotten_by_now_is_uploaded_anew(fake_x: FakeX) -> None:
    outgoing, session = answer(fake_x, BILL), Unkept()
    fake_x.fault("too_many", on="/2/tweets")
    x = X(account(fake_x.url, session=session))
    refusal(x, outgoing)
    (entry,) = session.get()["media"]["key-1"]
    session.renew(lambda kept: {**kept, "media": {"key-1": [{**entry, "until": time.time() - 1}]}})
    x.reply(outgoing)
    assert calls(fake_x, UPLOAD) == 2


def test_pictures_that_go_up_slowly_take_several_attempts_and_none_goes_up_twice(
    fake_x: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_media, "PATIENCE", -1.0)
    outgoing, x = answer(fake_x, BILL, MAP, PLAIN), X(account(fake_x.url, session=Unkept()))
    for up in (1, 2):
        error = refusal(x, outgoing)
        assert (error.code, error.permanent, calls(fake_x, UPLOAD)) == ("media_processing", False, up)
    x.reply(outgoing)
    assert [upload.content for upload in fake_x.api.media.uploads.values()] == [
        BILL.content,
        MAP.content,
        PLAIN.content,
    ]


def test_a_picture_x_is_at_work_on_is_waited_for_and_not_slept_for(fake_x: FakeX) -> None:
    fake_x.api.media.slow = 2
    outgoing, session = answer(fake_x, BILL), Unkept()
    x = X(account(fake_x.url, session=session))
    error = refusal(x, outgoing)
    assert (error.code, error.permanent, error.retry_after) == ("media_processing", False, 2)
    x.reply(outgoing)
    assert [medium["alt_text"] for medium in fake_x.world.timeline(BRAND)[0].media] == [BILL.alt]


def test_a_picture_x_cannot_work_with_fails_for_good(fake_x: FakeX, x: X) -> None:
    fake_x.api.media.failing = True
    error = refusal(x, answer(fake_x, BILL))
    assert (error.code, error.permanent) == ("media_rejected", True)


def test_a_file_x_takes_for_no_picture_fails_for_good(fake_x: FakeX, x: X) -> None:
    error = refusal(x, answer(fake_x, Image(b"GIF89a", "image/png", "")))
    assert (error.code, error.permanent) == ("media_rejected", True)


def test_an_account_that_may_not_upload_says_so(fake_x: FakeX, x: X) -> None:
    fake_x.fault("forbidden", on=UPLOAD)
    error = refusal(x, answer(fake_x, BILL))
    assert (error.code, error.permanent) == ("media_not_allowed", True)
    assert fake_x.world.timeline(BRAND) == []


def test_our_answer_is_known_again_though_x_puts_a_link_after_its_words(fake_x: FakeX, x: X) -> None:
    outgoing = answer(fake_x, BILL, text="See https://example.com/bill for more")
    fake_x.fault("drop", on="/2/tweets", applied=True)
    refusal(x, outgoing)
    (ours,) = fake_x.world.timeline(BRAND)
    sent = x.find_reply(outgoing)
    assert sent
    assert sent.external_id == ours.id
    assert x.find_reply(replace(outgoing, images=())) is None


def test_a_message_holds_its_picture(fake_x: FakeX, x: X) -> None:
    outgoing = a_message(fake_x, BILL)
    sent = x.reply(outgoing)
    (upload,) = fake_x.api.media.uploads.values()
    assert (upload.category, upload.alt) == ("dm_image", BILL.alt)
    assert fake_x.calls[-1][3]["attachments"] == [{"media_id": upload.id}]
    assert x.find_reply(outgoing) == sent


def test_what_is_remembered_of_pictures_outlives_a_renewed_token(fake_x: FakeX) -> None:
    told = fake_x.oauth.issue("tweet.read tweet.write users.read media.write offline.access")
    tokens = {"oauth2_user_token": told["access_token"], "refresh_token": told["refresh_token"]}
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "expires_at": time.time() + 7200, **tokens}
    session = Unkept()
    x = X(account(fake_x.url, credentials=credentials, session=session))
    outgoing = answer(fake_x, BILL)
    fake_x.fault("too_many", on="/2/tweets")
    refusal(x, outgoing)
    fake_x.fault("unauthorized", on="/2/tweets")
    x.reply(outgoing)
    assert session.get()["refresh_token"] != told["refresh_token"]
    assert calls(fake_x, UPLOAD) == 1


def test_x_says_how_many_pictures_it_takes(x: X) -> None:
    assert isinstance(x, SendsImages)
    assert x.image_limits(Kind.MENTION) == ImageLimits(4, 5_000_000, alt=1000)
    assert x.image_limits(Kind.DM).most == 1
