"""Tests of what the benchmarks rest on. Nothing here is timed."""
