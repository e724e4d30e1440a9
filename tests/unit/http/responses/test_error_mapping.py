"""Every error class has a unique code and an HTTP status."""

import pytest

from taskstead import errors
from taskstead.errors import (
    AlreadyExistsError,
    DatabaseBusyError,
    InsufficientScopeError,
    LoginFailedError,
    NotFoundError,
    RateLimitedError,
    ResponseNotStoredError,
    RevisionMismatchError,
    TasksteadError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.http.responses.error_mapping import STATUSES, get_status, make_error_headers


def list_error_classes(base: type[TasksteadError] = TasksteadError) -> set[type[TasksteadError]]:
    """Return the subclasses of an error class that are defined in ``taskstead.errors``."""
    found: set[type[TasksteadError]] = set()
    for kind in base.__subclasses__():
        if kind.__module__.startswith(errors.__name__):
            found |= {kind} | list_error_classes(kind)
    return found


def test_every_error_has_an_http_status() -> None:
    for kind in list_error_classes():
        assert 400 <= get_status(kind) < 600, kind


def test_statuses_are_of_existing_errors() -> None:
    assert set(STATUSES) <= list_error_classes()


def test_error_without_status_is_detected() -> None:
    class OtherError(TasksteadError):
        pass

    with pytest.raises(LookupError, match="OtherError"):
        get_status(OtherError)


def test_codes_are_unique() -> None:
    base_classes = {kind for kind in list_error_classes() if kind.__subclasses__()}
    own_codes = [kind.code for kind in list_error_classes() if "code" in vars(kind)]
    assert len(own_codes) == len(set(own_codes))
    for kind in list_error_classes() - base_classes:
        assert {"code", "title"} <= set(vars(kind)), kind


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (NotFoundError("x"), {}),
        (DatabaseBusyError(), {"Retry-After": "1"}),
        (RateLimitedError("x", retry_after_seconds=60), {"Retry-After": "60"}),
        (LoginFailedError("x"), {"WWW-Authenticate": 'Bearer realm="taskstead"'}),
        (
            UnauthenticatedError("x", reason=None),
            {"WWW-Authenticate": 'Bearer realm="taskstead"'},
        ),
        (
            TokenExpiredError("x"),
            {"WWW-Authenticate": 'Bearer realm="taskstead", error="invalid_token"'},
        ),
        (
            InsufficientScopeError("admin"),
            {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="admin"'},
        ),
        (RevisionMismatchError("x", current_etag='"7"'), {"ETag": '"7"'}),
        (AlreadyExistsError("x", current_etag='"7"'), {"ETag": '"7"'}),
        (RevisionMismatchError("x"), {}),
        (
            ResponseNotStoredError("x", created_url="/api/v1/tokens/7"),
            {"Location": "/api/v1/tokens/7"},
        ),
        (ResponseNotStoredError("x", created_url=None), {}),
    ],
)
def test_headers_of_errors(error: TasksteadError, headers: dict[str, str]) -> None:
    assert make_error_headers(error) == headers
