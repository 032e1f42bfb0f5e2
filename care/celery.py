"""Celery: the doorbell. Work itself waits in the database (see care/pipeline.py)."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")

# The warning against running as root is about tasks that arrive pickled; only JSON is accepted here.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

# twitter-text-parser's one use of pkg_resources; the lock holds a release that still carries it.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)

app = Celery("radd")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["care"], related_name="pipeline")
