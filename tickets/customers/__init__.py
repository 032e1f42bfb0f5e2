"""Customers: which accounts are one person's, what we know of them, and what helped people who asked alike."""
