"""The setups that tests run on: an engine in this process, or several processes and a balancer.

``make test`` runs a test on SQLite, and ``make test-engines`` on PostgreSQL. Markers change this:

``engines("sqlite", "postgresql")``
    ``make test`` runs the test on these engines: on both if SQL or locks matter to it, on one if it
    needs that engine or does not reach the database.
``balanced``
    ``make test-system`` also runs the test through nginx, with two servers, a worker, PostgreSQL
    and Redis. Excluded are tests with an argument for the application in this process, and tests
    with the marker ``in_process``.
"""

from inspect import signature

import pytest

BALANCED = "balanced"
_DEFAULT, _OTHER = "sqlite", "postgresql"
# Arguments of tests of the application in this process, which does not run behind the balancer.
_IN_PROCESS_ARGUMENTS = {"app", "server", "database", "settings", "database_url"}


def parametrize_engine(metafunc: pytest.Metafunc) -> None:
    """Parametrize the fixture ``engine`` of a test by its markers."""
    test = metafunc.definition
    if "engine" not in metafunc.fixturenames or any(
        "engine" in marker.args[0] for marker in test.iter_markers("parametrize")
    ):
        return
    engines = test.get_closest_marker("engines")
    setups = [pytest.param(name, id=name) for name in (engines.args if engines else (_DEFAULT,))]
    if not engines:
        setups.append(pytest.param(_OTHER, id=_OTHER, marks=pytest.mark.other_engine))
    if (
        test.get_closest_marker("balanced")
        and not test.get_closest_marker("in_process")
        and not _IN_PROCESS_ARGUMENTS & {*signature(metafunc.function).parameters}
    ):
        setups.append(pytest.param(BALANCED, id=BALANCED, marks=pytest.mark.system))
    metafunc.parametrize("engine", setups, indirect=True)


def is_balanced(test: pytest.Item) -> bool:
    """Return whether a test runs behind the balancer."""
    callspec = getattr(test, "callspec", None)
    return callspec is not None and callspec.params.get("engine") == BALANCED
