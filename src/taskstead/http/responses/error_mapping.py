"""HTTP statuses and headers of errors."""

from taskstead.errors import (
    BodyTooLargeError,
    ConflictError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    ForbiddenError,
    HeadersTooLargeError,
    IdempotencyKeyReusedError,
    InsufficientScopeError,
    LogCompactedError,
    LoginFailedError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    NotUndoableError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RateLimitedError,
    RequestTimedOutError,
    ResponseNotStoredError,
    ResyncNeededError,
    ServerError,
    TasksteadError,
    UnauthenticatedError,
    UnknownHostError,
    UnsupportedMediaTypeError,
    UriTooLongError,
    ValidationFailedError,
)

# A class that is not listed has the status of its nearest base class.
STATUSES: dict[type[TasksteadError], int] = {
    MalformedRequestError: 400,
    LoginFailedError: 401,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
    RequestTimedOutError: 408,
    ConflictError: 409,
    LogCompactedError: 410,
    ResyncNeededError: 410,
    PreconditionFailedError: 412,
    BodyTooLargeError: 413,
    UriTooLongError: 414,
    UnsupportedMediaTypeError: 415,
    UnknownHostError: 421,
    IdempotencyKeyReusedError: 422,
    NotUndoableError: 422,
    ValidationFailedError: 422,
    PreconditionRequiredError: 428,
    RateLimitedError: 429,
    HeadersTooLargeError: 431,
    ServerError: 500,
    DatabaseBusyError: 503,
    DatabaseUnavailableError: 503,
}
_REALM = 'Bearer realm="taskstead"'


def get_status(kind: type[TasksteadError]) -> int:
    """Return the HTTP status of a class of errors."""
    for ancestor in kind.__mro__:
        if ancestor in STATUSES:
            return STATUSES[ancestor]
    raise LookupError(f"{kind.__name__} has no HTTP status.")


def make_error_headers(error: TasksteadError) -> dict[str, str]:
    """Return the headers of the response to a failed request."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    match error:
        case UnauthenticatedError(reason=None) | LoginFailedError():
            headers["WWW-Authenticate"] = _REALM
        case UnauthenticatedError(reason=reason):
            headers["WWW-Authenticate"] = f'{_REALM}, error="{reason}"'
        case InsufficientScopeError(scope=scope):
            headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
        case PreconditionFailedError(current_etag=str(etag)):
            headers["ETag"] = etag
        case ResponseNotStoredError(created_url=str(url)):
            headers["Location"] = url
    return headers
