"""Two-step sign-in: a code beside the password, once each; recovery codes on paper; roles that must."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token
from time_machine import Traveller, travel

from accounts import people, second_step
from accounts.models import AuditEntry, Role, SecondStep, User
from accounts.people import Refused, door_of
from accounts.second_step import Verdict, prove
from tests.cast import a_brand, a_person, fresh

pytestmark = pytest.mark.django_db
PASSWORD = "a-good-password"


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """A clock that stands still until it is moved."""
    with travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture
def person() -> User:
    return a_person(a_brand("Nawa"), name="Huda")


@pytest.fixture
def admin() -> User:
    return a_person(role=Role.ADMIN, name="Lina")


def code_of(person: User, half_minutes: int = 0) -> str:
    """What the phone shows, so many half-minutes from now."""
    return pyotp.TOTP(SecondStep.objects.get(user=person).secret).at(timezone.now(), counter_offset=half_minutes)


def wrong(person: User) -> str:
    """Six figures that the phone shows neither now nor just before or after."""
    shown = {code_of(person, away) for away in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in shown)


def with_phone(person: User, clock: Traveller) -> list[str]:
    """Set it up, and wait until the phone shows another code; the recovery codes."""
    second_step.begin(person)
    codes = second_step.confirm(person, code_of(person))
    clock.shift(timedelta(seconds=30))
    return codes


def knock(person: User, client: Client, **data: str):
    return client.post("/sign-in/", {"username": person.email, "password": PASSWORD, **data})


def is_inside(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


# --- at the door -----------------------------------------------------------------------------------------------------
def test_the_password_alone_opens_nothing_and_the_code_opens_where_one_wanted_to_go(
    person: User, clock: Traveller
) -> None:
    with_phone(person, clock)
    client = Client()
    assert knock(person, client, next="/analyse/").headers["Location"] == "/sign-in/code/"
    assert not is_inside(client)
    assert client.get("/api/tickets").status_code == 401
    response = client.post("/sign-in/code/", {"code": code_of(person)})
    assert response.headers["Location"] == "/analyse/"
    assert is_inside(client)


def test_who_has_none_comes_in_by_the_password(person: User) -> None:
    second_step.begin(person)
    assert knock(person, Client()).headers["Location"] == "/inbox/"


def test_figures_of_an_arabic_keyboard_and_spaces_are_figures(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    typed = code_of(person).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert prove(person, f"{typed[:3]} {typed[3:]}").verdict is Verdict.RIGHT


def test_a_code_opens_once_and_none_before_it_opens_later(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    before, now = code_of(person, -1), code_of(person)
    assert prove(person, now).verdict is Verdict.RIGHT
    assert prove(person, now).verdict is Verdict.WRONG
    assert prove(person, before).verdict is Verdict.WRONG


def test_a_phone_may_be_half_a_minute_wrong_and_no_more(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    clock.shift(timedelta(minutes=5))
    assert prove(person, code_of(person, 2)).verdict is Verdict.WRONG
    assert prove(person, code_of(person, -2)).verdict is Verdict.WRONG
    assert prove(person, code_of(person, -1)).verdict is Verdict.RIGHT
    assert prove(person, code_of(person, 1)).verdict is Verdict.RIGHT


def test_a_recovery_code_opens_once_however_it_is_typed(person: User, clock: Traveller) -> None:
    codes = with_phone(person, clock)
    assert len(set(codes)) == 10
    client = Client()
    knock(person, client)
    client.post("/sign-in/code/", {"code": codes[0].replace("-", " ")})
    assert is_inside(client)
    assert prove(person, codes[0]).verdict is Verdict.WRONG
    assert prove(person, codes[1]).verdict is Verdict.RIGHT
    assert len(SecondStep.objects.get(user=person).recovery) == 8


def test_tries_are_counted_down_over_all_browsers_and_then_there_is_a_pause(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    for left in ("4 tries left.", "3 tries left.", "2 tries left.", "1 try left."):
        client = Client(REMOTE_ADDR=f"10.0.0.{left[0]}")
        knock(person, client)
        response = client.post("/sign-in/code/", {"code": wrong(person)})
        assert response.status_code == 422
        assert left in response.content.decode()
    client = Client()
    knock(person, client)
    for code in (wrong(person), code_of(person)):
        response = client.post("/sign-in/code/", {"code": code})
        assert response.status_code == 429
    assert not is_inside(client)
    clock.shift(timedelta(minutes=16))
    knock(person, client)
    client.post("/sign-in/code/", {"code": code_of(person)})
    assert is_inside(client)


def test_the_second_question_waits_ten_minutes_and_not_past_another_password(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    client, other = Client(), Client()
    knock(person, client)
    knock(person, other)
    clock.shift(timedelta(minutes=11))
    assert client.post("/sign-in/code/", {"code": code_of(person)}).headers["Location"] == "/sign-in/"
    knock(person, other)
    person.set_password("quite-another-one")
    person.save()
    assert other.post("/sign-in/code/", {"code": code_of(person)}).headers["Location"] == "/sign-in/"
    assert not is_inside(client)
    assert not is_inside(other)


def test_a_link_for_a_new_password_does_not_pass_the_second_step_by(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    who, token = door_of(person)
    client = Client()
    response = client.post(f"/welcome/{who}/{token}/", {"password": "a-fine-new-one", "again": "a-fine-new-one"})
    assert response.headers["Location"] == "/sign-in/code/"
    assert not is_inside(client)
    client.post("/sign-in/code/", {"code": code_of(person)})
    assert is_inside(client)


def test_programs_give_the_code_too(person: User, clock: Traveller) -> None:
    with_phone(person, clock)
    given = {"email": person.email, "password": PASSWORD}
    client = Client()

    def token(**more: str):
        return client.post("/api/token", given | more, content_type="application/json")

    assert (token().status_code, token().json()["code"]) == (401, "code_needed")
    assert token(code=wrong(person)).json()["code"] == "wrong_code"
    assert set(token(code=code_of(person)).json()) == {"token"}
    for _time in range(5):
        last = token(code=wrong(person))
    assert (last.status_code, last.json()["code"]) == (429, "locked_out")


# --- setting it up ---------------------------------------------------------------------------------------------------
@pytest.fixture
def inside(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_it_is_set_up_by_a_drawing_and_one_code_and_the_recovery_codes_are_shown_once(
    person: User, inside: Client
) -> None:
    Token.objects.create(user=person)
    inside.post("/profile/second-step/", {"do": "begin"})
    page = inside.get("/profile/second-step/")
    html = page.content.decode()
    drawing = ET.fromstring(re.search(r"<svg[^>]*r-qr.*?</svg>", html, re.DOTALL)[0])
    assert drawing.get("viewBox")
    secret = SecondStep.objects.get(user=person).secret
    assert secret in html.replace(" ", "")
    assert "no-store" in page.headers["Cache-Control"]
    refused = inside.post("/profile/second-step/", {"do": "confirm", "code": wrong(person)})
    assert refused.status_code == 422
    assert not second_step.has_one(person)
    done = inside.post("/profile/second-step/", {"do": "confirm", "code": code_of(person)})
    assert len(re.findall(r"<code>\w{4}-\w{4}-\w{4}</code>", done.content.decode())) == 10
    assert second_step.has_one(person)
    assert not Token.objects.filter(user=person).exists()
    later = inside.get("/profile/second-step/").content.decode()
    assert secret not in later.replace(" ", "")
    assert "10 codes are left" in later


def test_the_qr_code_names_the_person_and_the_desk(person: User) -> None:
    address = second_step.address_for(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    parsed = pyotp.parse_uri(address)
    assert (parsed.issuer, parsed.name, parsed.secret) == ("Radd", person.email, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def test_new_recovery_codes_and_turning_off_want_a_code(person: User, inside: Client, clock: Traveller) -> None:
    old = with_phone(person, clock)
    assert inside.post("/profile/second-step/", {"do": "codes", "code": wrong(person)}).status_code == 422
    inside.post("/profile/second-step/", {"do": "codes", "code": code_of(person)})
    assert prove(person, old[0]).verdict is Verdict.WRONG
    clock.shift(timedelta(seconds=30))
    assert inside.post("/profile/second-step/", {"do": "off", "code": wrong(person)}).status_code == 422
    inside.post("/profile/second-step/", {"do": "off", "code": code_of(person)})
    assert not second_step.has_one(person)
    told = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert told == ["person.second_step_on", "person.recovery_codes", "person.second_step_off"]


def test_the_secret_lies_encrypted_and_recovery_codes_lie_as_hashes(person: User, clock: Traveller) -> None:
    codes = with_phone(person, clock)
    step = SecondStep.objects.get(user=person)
    raw = SecondStep.objects.extra(select={"raw": "secret::text"}).values_list("raw", flat=True).get()
    assert step.secret not in raw
    assert not {code.replace("-", "") for code in codes} & set(step.recovery)
    assert all(step.secret not in str(line.data) for line in AuditEntry.objects.all())


# --- decided by admins -----------------------------------------------------------------------------------------------
def test_who_must_sets_it_up_before_any_other_page_opens(person: User, inside: Client, admin: User) -> None:
    second_step.demand(["agent"], by=admin)
    for page in ("/inbox/mine/", "/profile/", "/search/"):
        assert inside.get(page).headers["Location"] == "/profile/second-step/"
    assert inside.get("/inbox/mine/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/profile/second-step/"
    refused = inside.get("/api/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_step_owed")
    assert inside.get("/profile/second-step/").status_code == 200
    inside.post("/profile/second-step/", {"do": "begin"})
    inside.post("/profile/second-step/", {"do": "confirm", "code": code_of(person)})
    assert is_inside(inside)
    assert inside.get("/api/me").status_code == 200


def test_who_must_may_leave_but_not_turn_it_off(person: User, inside: Client, admin: User, clock: Traveller) -> None:
    with_phone(person, clock)
    second_step.demand(["agent"], by=admin)
    assert inside.post("/profile/second-step/", {"do": "off", "code": code_of(person)}).status_code == 422
    assert second_step.has_one(person)
    assert inside.post("/sign-out/").headers["Location"] == "/sign-in/"


def test_whoever_comes_into_such_a_role_owes_it_and_whoever_leaves_it_does_not(admin: User) -> None:
    second_step.demand(["supervisor"], by=admin)
    person = people.add({"name": "Salma", "email": "salma@nawa.example", "role": "agent"}, teams=[], by=admin)
    assert not fresh(person).owes_second_step
    people.change(person.pk, {"role": "supervisor"}, teams=[], by=admin)
    assert fresh(person).owes_second_step
    people.change(person.pk, {"role": "agent"}, teams=[], by=admin)
    assert not fresh(person).owes_second_step
    made = people.add({"name": "Omar", "email": "omar@nawa.example", "role": "supervisor"}, teams=[], by=admin)
    assert fresh(made).owes_second_step


def test_a_demand_that_is_taken_back_holds_nobody(person: User, inside: Client, admin: User) -> None:
    second_step.demand(["agent", "admin"], by=admin)
    second_step.demand([], by=admin)
    assert is_inside(inside)
    lines = AuditEntry.objects.filter(verb="sign_in.changed").order_by("id")
    assert [line.data["changed"]["second_step_roles"][1] for line in lines] == [["agent", "admin"], []]


def test_an_admin_resets_who_lost_everything_and_the_record_says_so(
    person: User, admin: User, clock: Traveller
) -> None:
    with_phone(person, clock)
    second_step.demand(["agent"], by=admin)
    Token.objects.create(user=person)
    second_step.reset(person.pk, by=admin)
    assert not Token.objects.filter(user=person).exists()
    line = AuditEntry.objects.get(verb="person.second_step_reset")
    assert (line.actor_name, line.subject_name) == ("Lina", "Huda")
    client = Client()
    assert knock(person, client).headers["Location"] == "/inbox/"
    assert client.get("/inbox/").headers["Location"] == "/profile/second-step/"


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_admins_demand_and_reset(role: Role, person: User) -> None:
    by = a_person(a_brand(), role=role)
    with pytest.raises(Refused, match="Only admins"):
        second_step.demand(["agent"], by=by)
    with pytest.raises(Refused, match="Only admins"):
        second_step.reset(person.pk, by=by)
