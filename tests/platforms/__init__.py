"""Adapters against fakes of their platforms."""

import pytest

pytest.register_assert_rewrite("tests.platforms.contract")
