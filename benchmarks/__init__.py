"""Figures: how fast, how large. Each script prints one JSON object a line; `python -m benchmarks` runs them all."""
