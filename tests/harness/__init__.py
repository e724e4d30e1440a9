"""Parts of the test harness that several folders use."""
