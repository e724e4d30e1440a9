"""`tests/api/test_categories.py` through the balancer."""

import pytest

from tests.api.test_categories import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
