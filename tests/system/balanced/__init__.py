"""Two servers and a worker behind a balancer."""
