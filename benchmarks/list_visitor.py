"""Visits list pages in this process, through the whole WSGI application, as a signed-in agent. Told by list_page.py.

Reads lines `VIEW VISITS`, answers each with one JSON object: CPU seconds of the round, queries and bytes of a page.
"""

import io
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from benchmarks.figures import spending
from care.wsgi import application


def main() -> None:
    cookie = f"sessionid={session_of(User.objects.order_by('id')[0])}"
    for line in sys.stdin:
        view, visits = line.split()
        queries, size = count_queries(partial(visit, application, f"/inbox/{view}/", cookie))
        with spending() as spent:
            for _visit in range(int(visits)):
                visit(application, f"/inbox/{view}/", cookie)
        told = {"process": spent.process, "database": spent.database, "queries": queries, "bytes": size}
        print(json.dumps(told), flush=True)


def session_of(user: User) -> str:
    """The key of a session as signing in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def visit(application: Callable[..., Any], path: str, cookie: str, query: str = "", rows: int = 50) -> int:
    """One GET; the size of the page. Anything but a page with so many rows is an error."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "HTTP_COOKIE": cookie,
        "HTTP_ACCEPT_LANGUAGE": "en", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    answer = application(environ, lambda status, _headers, *_: statuses.append(status))
    try:
        body = b"".join(answer)
    finally:
        answer.close()
    if statuses != ["200 OK"] or body.count(b"<li") < rows:
        raise SystemExit(f"{path}?{query}: {statuses}, {len(body)} bytes, not a page of {rows}")
    return len(body)


def count_queries(page: Callable[[], int]) -> tuple[int, int]:
    """How many statements a page takes, and how large it is."""
    told = 0

    def counting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal told
        told += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        size = page()
    return told, size
