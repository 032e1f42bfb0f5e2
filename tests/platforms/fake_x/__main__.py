"""Run the fake X by itself: it prints its address, and the keys that open it, and answers until it is stopped."""

import argparse
import json
import signal
import sys
import threading

from tests.platforms.fake_x.api import APP_TOKEN, KEYS
from tests.platforms.fake_x.server import FakeX
from tests.platforms.fake_x.world import BRAND


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.platforms.fake_x", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--spelling", choices=("old", "new"), default="old")
    chosen = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with FakeX(chosen.port, spelling=chosen.spelling) as fake:
        print(fake.url, flush=True)
        account = {"id": BRAND.id, "handle": BRAND.handle, "credentials": {"bearer_token": APP_TOKEN, **KEYS}}
        print(json.dumps(account), file=sys.stderr, flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
