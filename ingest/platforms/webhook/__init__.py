"""The generic channel: a team bridges a network of its own by two signed webhooks, one in and one out."""
