"""A desk of a few lines in place of the Django one: the same commands and entry points, real servers underneath."""

from pathlib import Path

FILES = {
    "manage.py": """
import json, os, signal, sys
import psycopg2
rows = psycopg2.connect(os.environ["DATABASE_URL"])
cursor = rows.cursor()
if sys.argv[1] == "migrate":
    if os.path.exists("broken"):
        sys.exit("no such column")
    cursor.execute("create table if not exists ticket (id serial primary key, subject text)")
elif sys.argv[1] == "start_demo":
    print("a stray line")
    print(json.dumps([{"email": "nora@example.com", "password": "sesame", "role": "agent", "name": "Nora"}]))
elif sys.argv[1] == "add":
    cursor.execute("insert into ticket (subject) values (%s)", [sys.argv[2]])
elif sys.argv[1] == "list":
    cursor.execute("select subject from ticket order by id")
    print(",".join(row[0] for row in cursor))
elif sys.argv[1] == "listen":
    signal.pause()
elif sys.argv[1] == "words":
    cursor.execute("create extension if not exists pg_trgm")
    cursor.execute("select similarity('الشحنة', 'شحنة'), lower('ÀÉ')")
    print(cursor.fetchone())
rows.commit()
""",
    "care/__init__.py": "from care.celery import app\n",
    "care/celery.py": """
import os
os.environ.pop("DJANGO_SETTINGS_MODULE", None)
from celery import Celery
app = Celery("care", broker=os.environ["REDIS_URL"])
app.conf.beat_schedule = {"tick": {"task": "tick", "schedule": 60.0}}

@app.task(name="tick")
def tick():
    return 1
""",
    "pytest.ini": "[pytest]\naddopts = -p xdist.plugin\n",
    "care/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"well"]
""",
    "care/asgi.py": """
async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})
""",
}


def write_desk(root: Path) -> None:
    """Lay the stand-in files into this folder."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
