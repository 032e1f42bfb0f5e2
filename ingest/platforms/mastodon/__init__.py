"""Mastodon, and servers that speak its API: GoToSocial, Pleroma, Akkoma and others."""
