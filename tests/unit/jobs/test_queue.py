"""Job queue: the delays between retries."""

from taskstead.jobs.queue import get_retry_delay


def test_delays_double_up_to_a_maximum() -> None:
    assert [get_retry_delay(attempt) for attempt in (1, 2, 3, 8, 50)] == [2, 4, 8, 256, 300]
