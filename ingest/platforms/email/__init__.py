"""E-mail: a mailbox read by IMAP, answered by SMTP."""

from ingest.platforms.email.adapter import Email

__all__ = ["Email"]
