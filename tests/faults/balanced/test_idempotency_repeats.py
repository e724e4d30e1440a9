"""`tests/idempotency/test_repeats.py` through the balancer."""

import pytest

from tests.idempotency.test_repeats import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
