"""The project floor: settings, addresses, the pipeline, health. It has no tables."""

from care.celery import app as celery_app

__all__ = ["celery_app"]
