"""What the guard finds in an answer, by the codes of its findings."""

from collections.abc import Mapping

from tickets.answering.guard.examine import examine
from tickets.answering.guard.findings import Code, Setting

PUBLIC, PRIVATE = Setting(), Setting(public=False)


def codes(text: str, setting: Setting = PUBLIC, policy: Mapping[str, str] | None = None) -> set[Code]:
    return {found.code for found in examine(text, setting, policy)}
