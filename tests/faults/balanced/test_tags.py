"""`tests/api/test_tags.py` through the balancer."""

import pytest

from tests.api.test_tags import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
