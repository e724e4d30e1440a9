"""`tests/api/test_text.py` through the balancer."""

import pytest

from tests.api.test_text import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
