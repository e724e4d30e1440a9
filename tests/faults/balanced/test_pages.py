"""`tests/api/test_pages.py` through the balancer."""

import pytest

from tests.api.test_pages import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
