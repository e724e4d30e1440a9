"""Ports of the loopback interface for servers that are started by tests."""

import os
import random
import socket

# Below the range from which Linux and macOS pick the ports of outgoing connections, so that nothing
# else takes the port while the server is stopped and about to be started again.
PORTS = range(20_000, 30_000)
# Each worker of a run chooses among ports of its own, of which there are so many lots.
LOTS = 16
_chosen: set[int] = set()


def find_free_port() -> int:
    """Find a port of the loopback interface on which nothing listens at the moment.

    Nobody else in this run is given the same one, though it may be a while until it is used.
    """
    lot = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % LOTS
    ports = [port for port in PORTS[lot::LOTS] if port not in _chosen]
    for port in random.SystemRandom().sample(ports, k=len(ports)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _chosen.add(port)
            return port
    raise RuntimeError("No free port on the loopback interface.")
