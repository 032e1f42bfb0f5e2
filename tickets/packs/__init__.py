"""Sector packs: rules, words and policy to start from in a regulated sector. A start to be read, not legal advice."""
