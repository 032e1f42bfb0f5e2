"""Answers: written, guarded, approved, sent, and how they end."""
