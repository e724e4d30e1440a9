"""The setups that tests run on: an engine in this process, or several processes and a balancer.

``make test`` runs a test that uses a database on SQLite, and ``make test-engines`` runs it on
PostgreSQL. Markers change this:

``engines("sqlite", "postgresql")``
    ``make test`` runs the test on these engines, and ``make test-engines`` does not run it. A test
    has both if SQL or locks matter to it, and one if it needs that engine or is rejected before it
    reaches the database.
``balanced``
    ``make test-system`` also runs the test through nginx, with two servers, a worker, PostgreSQL
    and Redis. Tests with an argument ``app``, ``server``, ``database``, ``settings`` or
    ``database_url`` need the application in this process and are excluded, and so are tests with
    the marker ``in_process``.
"""

from inspect import signature

import pytest

BALANCED = "balanced"
_ENGINES = ("sqlite", "postgresql")
_IN_PROCESS_ARGUMENTS = {"app", "server", "database", "settings", "database_url"}


def parametrize_engine(metafunc: pytest.Metafunc) -> None:
    """Parametrize the fixture ``engine`` of a test by its markers.

    Raises:
        pytest.UsageError: a marker names an unknown engine, or the test would run on none.
    """
    test = metafunc.definition
    if "engine" not in metafunc.fixturenames or "engine" in _list_own_parameters(test):
        return
    marker = test.get_closest_marker("engines")
    engines = marker.args if marker else _ENGINES[:1]
    setups = [pytest.param(name, id=name) for name in engines]
    if not marker:
        mark = pytest.mark.other_engine
        setups += [pytest.param(name, id=name, marks=mark) for name in _ENGINES[1:]]
    if _runs_behind_balancer(metafunc):
        setups.append(pytest.param(BALANCED, id=BALANCED, marks=pytest.mark.system))
    if not setups or not set(engines) <= set(_ENGINES):
        raise pytest.UsageError(f"{test.nodeid}: engines{engines} must name one of {_ENGINES}.")
    metafunc.parametrize("engine", setups, indirect=True)


def _list_own_parameters(test: pytest.Function) -> set[str]:
    """Return the names of the parameters that a test sets itself."""
    names: set[str] = set()
    for marker in test.iter_markers("parametrize"):
        given = marker.kwargs.get("argnames") or marker.args[0]
        names |= {*(given.replace(" ", "").split(",") if isinstance(given, str) else given)}
    return names


def _runs_behind_balancer(metafunc: pytest.Metafunc) -> bool:
    test = metafunc.definition
    return bool(
        test.get_closest_marker("balanced")
        and not test.get_closest_marker("in_process")
        and not _IN_PROCESS_ARGUMENTS & {*signature(metafunc.function).parameters}
    )


def is_balanced(test: pytest.Item) -> bool:
    """Return whether a test runs behind the balancer."""
    callspec = getattr(test, "callspec", None)
    return callspec is not None and callspec.params.get("engine") == BALANCED
