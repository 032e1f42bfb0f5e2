"""Translating what customers wrote, for whoever reads here: a slot that an installation may fill. Empty by default."""
