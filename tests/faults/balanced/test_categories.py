"""`tests/api/test_categories.py` through the balancer."""

import pytest

from tests.api.test_categories import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
