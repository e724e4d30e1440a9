"""`tests/api/test_text.py` through the balancer."""

import pytest

from tests.api.test_text import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
