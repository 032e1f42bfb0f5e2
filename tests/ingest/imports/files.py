"""Small files of our own, and what a format makes of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.imports.formats import Format, open_format
from ingest.imports.items import Item
from ingest.imports.lines import Lines

HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
AT = "Tue Oct 31 22:10:47 +0000 2017"


def a_row(
    post_id: object, text: str = "my phone is dead", parent: object = "", by: str = "77", inbound: str = "True"
) -> str:
    """One row of the Customer Support on Twitter CSV."""
    return f'{post_id},{by},{inbound},{AT},"{text}",,{parent}'


def a_csv(path: Path, *rows: str) -> Path:
    path.write_bytes(("\r\n".join((HEADER, *rows)) + "\r\n").encode("utf-8", "surrogateescape"))
    return path


def a_line(external_id: str = "r1", **fields: Any) -> dict[str, Any]:
    """One row of Radd's own JSON Lines."""
    author = {"external_id": "u1", "handle": "reem", "name": "Reem"}
    return {"external_id": external_id, "author": author, "text": "Hi", "posted_at": "2026-01-02T03:04:05Z", **fields}


def a_jsonl(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def a_page(*posts: dict[str, Any]) -> dict[str, Any]:
    """A page as X's API v2 answers it."""
    users = [{"id": "9", "username": "reem", "name": "Reem"}]
    return {"data": list(posts), "includes": {"users": users}, "meta": {"result_count": len(posts)}}


def an_x_post(post_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": post_id, "author_id": "9", "text": f"post {post_id}", "created_at": "2026-01-02T03:04:05.000Z",
        "conversation_id": post_id, **fields,
    }  # fmt: skip


def read_all(path: Path, form: Format | None = None) -> list[Item]:
    """Both passes over a file; every item of the second."""
    form = form or open_format(path)
    with Lines(path, form.longest_line) as lines:
        for _sighting in form.survey(lines):
            pass
    with Lines(path, form.longest_line) as lines:
        return list(form.items(lines))


def ids(items: Sequence[Item]) -> list[str]:
    return [item.post.external_id for item in items if item.post]


def reasons(items: Sequence[Item]) -> dict[int, str]:
    return {item.line: item.reason for item in items if item.reason}
