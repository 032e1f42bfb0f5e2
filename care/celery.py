"""Celery: the doorbell. Work itself waits in the database (see care/pipeline.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "care.settings")

app = Celery("radd")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["care"], related_name="pipeline")
