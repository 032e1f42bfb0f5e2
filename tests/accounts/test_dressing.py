"""Forms look alike, and choices are given to fields that have some."""

import pytest
from django import forms

from accounts.dressing import choose, dress, offer
from accounts.models import Brand


class Order(forms.Form):
    name = forms.CharField(widget=forms.TextInput({"class": "wide", "autocomplete": "name"}))
    note = forms.CharField()
    size = forms.ChoiceField()
    way = forms.ChoiceField(widget=forms.RadioSelect)
    sure = forms.BooleanField()
    brand = forms.ModelChoiceField(Brand.objects.none())


def test_controls_get_our_looks_and_keep_what_is_their_own() -> None:
    form = Order()
    dress(form, autocomplete="off")
    attrs = {name: field.widget.attrs for name, field in form.fields.items()}
    assert attrs["name"] == {"class": "wide", "autocomplete": "name"}
    assert attrs["note"] == {"class": "form-control", "autocomplete": "off"}
    assert attrs["size"]["class"] == attrs["brand"]["class"] == "form-select"
    assert attrs["way"] == attrs["sure"] == {}


@pytest.mark.django_db
def test_choices_and_rows_are_those_of_this_form_alone() -> None:
    brand = Brand.objects.create(name="Nawa")
    form = Order({"name": "n", "note": "n", "size": "l", "way": "air", "sure": "1", "brand": brand.pk})
    choose(form, "size", [("l", "Large")])
    choose(form, "way", [("air", "Air")])
    offer(form, "brand", Brand.objects.all())
    assert form.is_valid(), form.errors
    assert not Order(form.data).is_valid()


def test_a_field_without_choices_is_a_mistake_that_is_told() -> None:
    with pytest.raises(TypeError, match="note"):
        choose(Order(), "note", [])
    with pytest.raises(TypeError, match="size"):
        offer(Order(), "size", Brand.objects.none())
