"""`tests/api/test_tags.py` through the balancer."""

import pytest

from tests.api.test_tags import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
