"""`tests/api/test_pages.py` through the balancer."""

import pytest

from tests.api.test_pages import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
