"""Importing the package makes the Celery app known, so that ``shared_task`` finds it. It starts no server."""

from config.celery import app

__all__ = ["app"]
