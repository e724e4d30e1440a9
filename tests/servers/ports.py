"""Free ports of the loopback interface for servers that tests start."""

import os
import random
import socket

# Below the range of ephemeral ports of Linux and macOS, so that no outgoing connection takes the
# port while the server is stopped and about to restart.
PORTS = range(20_000, 30_000)
# The number of groups of ports. Each worker process of a test run uses its own group.
PORT_GROUPS = 16
_chosen: set[int] = set()


def find_free_port() -> int:
    """Return a port of the loopback interface on which nothing listens at the moment.

    The port is not returned again in this run, though it may be used only later.
    """
    lot = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PORT_GROUPS
    ports = [port for port in PORTS[lot::PORT_GROUPS] if port not in _chosen]
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
