"""The generic channel: a team bridges a network of its own by two signed webhooks, one in and one out."""

from ingest.platforms.webhook.adapter import Webhook

__all__ = ["Webhook"]
