"""The marks of the pages for templates. This library is built in: no template loads it."""

from django import template

from tickets.views import marks

register = template.Library()

register.simple_tag(marks.icon, name="icon")
register.simple_tag(marks.small, name="small")
register.simple_tag(marks.face, name="face")
register.simple_tag(marks.platform_mark, name="platform_mark")
register.simple_tag(marks.speech, name="speech")
register.filter("initials", marks.initials)
register.filter("signed", marks.signed)
register.filter("platform", marks.platform_label)
register.simple_tag(marks.when, name="when")
register.simple_tag(marks.icon_of, name="icon_of")
register.simple_tag(marks.delivery_error, name="delivery_error")
register.filter("language", marks.language_name)


@register.simple_tag
def small_flip(name: str) -> str:
    """A small icon that is mirrored in right-to-left pages: things that move or point."""
    return marks.icon(name, "i-s i-flip")


@register.simple_tag
def small_as(name: str, label: str) -> str:
    """A small icon that says what it stands for."""
    return marks.small(name, str(label))


@register.filter
def plain(number: float) -> str:
    """A number as drawings and scripts read it, whatever the language of the page."""
    return str(number)
