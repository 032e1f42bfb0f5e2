"""Channels as admins see them: connecting, health in words, the past, what was not understood, removing."""
