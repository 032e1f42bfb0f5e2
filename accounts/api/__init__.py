"""What the whole API stands on: problems in one shape, lists page by page, and the people who ask."""
