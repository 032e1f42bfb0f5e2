"""What every test may lean on: a Redis prefix of its own for each test worker, and a cast of people and posts."""

import os

worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["RADD_REDIS_PREFIX"] = f"radd-test-{os.getpid()}-{worker}"
os.environ.setdefault("RADD_SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ["RADD_UNDO_SECONDS"] = "0"
os.environ["RADD_READER"] = os.environ.get("RADD_TEST_READER", "lexicon")
