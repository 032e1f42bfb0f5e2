"""A post's text as the pages show it."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.views.marks import post, speech


def test_a_handle_inside_arabic_keeps_its_own_order() -> None:
    assert post("أرجو التحقق @nawa_care") == 'أرجو التحقق <bdi dir="ltr">@nawa_care</bdi>'


def test_a_link_is_kept_whole_and_an_address_is_no_handle() -> None:
    assert post("https://nawa.example/?a=1&b=2") == '<bdi dir="ltr">https://nawa.example/?a=1&amp;b=2</bdi>'
    assert post("me@nawa.example") == "me@nawa.example"


def test_arabic_that_begins_with_a_handle_is_still_right_to_left() -> None:
    assert speech("ar") == 'dir="rtl" lang="ar"'
    assert speech("en") == 'dir="ltr" lang="en"'
    assert speech("") == 'dir="auto"'


@given(st.text(alphabet=st.sampled_from("ab<>&\"'@ /:https.\n،"), max_size=60))
def test_nothing_a_customer_writes_becomes_markup(text: str) -> None:
    html = post(text).replace('<bdi dir="ltr">', "").replace("</bdi>", "").replace("<br>", "")
    assert "<" not in html
    assert ">" not in html
