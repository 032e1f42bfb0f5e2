"""Real processes, really killed. Run by hand (see README.md): too slow for the test suite."""
