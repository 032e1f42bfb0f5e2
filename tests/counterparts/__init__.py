import pytest

# Claims stand in modules that pytest would not look into for what their assertions compare.
pytest.register_assert_rewrite(
    "tests.counterparts.journey", "tests.counterparts.desk", "tests.counterparts.holding", "tests.counterparts.bluesky"
)
