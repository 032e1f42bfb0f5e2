"""Targets: calendars, clocks, alarms, and the chains that tickets climb when they are late."""
