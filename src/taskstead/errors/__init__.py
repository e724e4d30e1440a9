"""Every error that a client can get: a class with a status, a stable code and a title.

What each means and how to mend it is in docs/errors.md, under a heading that is the code. The one
renderer is in ``http/problems.py``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from taskstead.errors.base import FieldError as FieldError
from taskstead.errors.base import TasksteadError as TasksteadError
from taskstead.errors.database import DatabaseBusyError as DatabaseBusyError
from taskstead.errors.database import DatabaseDamagedError as DatabaseDamagedError
from taskstead.errors.database import DatabaseFullError as DatabaseFullError
from taskstead.errors.database import DatabaseReplacedError as DatabaseReplacedError
from taskstead.errors.database import DatabaseUnavailableError as DatabaseUnavailableError


class InternalError(TasksteadError):
    """A fault of the server's own."""


class MalformedRequestError(TasksteadError):
    """The body cannot be read as what it says it is."""

    status = 400
    code = "malformed_request"
    title = "The request cannot be read"


class ValidationFailedError(TasksteadError):
    """A field, parameter or header has a value that is not allowed."""

    status = 422
    code = "validation_failed"
    title = "The request has values that are not allowed"


class IdempotencyKeyReusedError(TasksteadError):
    """The Idempotency-Key came with another request before; each request needs a key of its own."""

    status = 422
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request"


class NotUndoableError(TasksteadError):
    """What cannot be undone by anybody: a purge, and changes of the workspace and its members."""

    status = 422
    code = "not_undoable"
    title = "This cannot be undone"


class UnauthenticatedError(TasksteadError):
    """No token, or one that is unknown, expired or revoked."""

    status = 401
    code = "unauthenticated"
    title = "A valid token is needed"

    def __init__(self, detail: str, *, error: str | None = "invalid_token") -> None:
        challenge = 'Bearer realm="taskstead"' + (f', error="{error}"' if error else "")
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class TokenExpiredError(UnauthenticatedError):
    """The token was good once; a refresh or a new one is needed."""

    code = "token_expired"
    title = "The token has expired"


class RefreshSupersededError(UnauthenticatedError):
    """The refresh token was just exchanged, and its successor was used since: use the newest one.

    The session goes on. Another tab or process of the client has the newest tokens.
    """

    code = "refresh_superseded"
    title = "A newer refresh token is in use"


class LoginFailedError(TasksteadError):
    """The address and the password do not go together."""

    status = 401
    code = "login_failed"
    title = "E-mail address or password is wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="taskstead"'})


class ForbiddenError(TasksteadError):
    """The principal is known and may not do this."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class InsufficientScopeError(ForbiddenError):
    """The token lacks the scope that the call needs (RFC 6750, section 3.1)."""

    code = "insufficient_scope"
    title = "The token's scopes do not cover this"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This call needs the scope {scope}.",
            headers={
                "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"',
            },
        )


class InsufficientRoleError(ForbiddenError):
    """The principal's role in the workspace does not allow this."""

    code = "insufficient_role"
    title = "Your role in this workspace does not allow this"


class RegistrationClosedError(ForbiddenError):
    """The server takes no new accounts, or only those with an invitation."""

    code = "registration_closed"
    title = "Registration is not open"


class SetupRequiredError(ForbiddenError):
    """The server has no account yet, and the first one needs the setup token.

    `taskstead serve` prints it at the start (with Docker: `docker compose logs`), unless
    `TASKSTEAD_SETUP_TOKEN` sets it. `taskstead user create` makes the first account without it.
    """

    code = "setup_required"
    title = "The first account needs the setup token"


class NotFoundError(TasksteadError):
    """There is no such thing, or it is not the principal's to see."""

    status = 404
    code = "not_found"
    title = "Not found"


class MethodNotAllowedError(TasksteadError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "This method is not allowed here"


class ConflictError(TasksteadError):
    """The request does not fit the present state."""

    status = 409
    code = "conflict"
    title = "The request conflicts with what is there"


class NameTakenError(ConflictError):
    """Another one of the same kind has this name, address or id."""

    code = "name_taken"
    confirms_write = True
    title = "This name is taken"


class TaskTrashedError(ConflictError):
    """The task lies in the trash and has to be restored first."""

    code = "task_trashed"
    title = "The task is in the trash"


class LastOwnerError(ConflictError):
    """A workspace keeps at least one owner."""

    code = "last_owner"
    title = "A workspace needs an owner"


class LastAdministratorError(ConflictError):
    """The server would have nobody left to administer it. Make somebody else administrator first.

    `taskstead user create --admin` makes one at the command line.
    """

    code = "last_administrator"
    title = "The server needs an administrator"


class UndoConflictError(ConflictError):
    """What is to be undone has been changed since; ``conflicts`` tells what. Nothing was done."""

    code = "undo_conflict"
    title = "It has been changed since"

    def __init__(self, detail: str, *, conflicts: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(detail)
        self.members = {"conflicts": list(conflicts)}


class ReferenceGoneError(ConflictError):
    """Something that the request refers to was deleted while the request was processed.

    Nothing was done. Fetch what you refer to, and retry if it is still there.
    """

    code = "reference_gone"
    title = "Something the request refers to was just deleted"

    def __init__(self) -> None:
        super().__init__(
            "Something that this request refers to was just deleted; nothing was done."
        )


class SoleOwnerError(ConflictError):
    """The user is the only owner of workspaces with other members; ``workspaces`` lists them.

    Name a new owner for each of them in `hand_over`, make another member an owner first, or delete
    the workspace.
    """

    code = "sole_owner"
    title = "Shared workspaces would be left without an owner"

    def __init__(self, detail: str, *, workspaces: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(detail)
        self.members = {"workspaces": list(workspaces)}


class JobEndedError(ConflictError):
    """The job is done or has failed: it cannot be cancelled any more."""

    code = "job_ended"
    title = "The job has ended already"


class JobNotFailedError(ConflictError):
    """Only a job that has failed can be tried again."""

    code = "job_not_failed"
    title = "The job has not failed"


class RequestUnderWayError(ConflictError):
    """A request with the same Idempotency-Key is still being answered; repeat it in a moment."""

    code = "request_under_way"
    title = "The same request is still being answered"

    def __init__(self) -> None:
        detail = "A request with this Idempotency-Key is still being answered; repeat it later."
        super().__init__(detail, headers={"Retry-After": "1"})


class AnswerNotKeptError(ConflictError):
    """A request with this Idempotency-Key was done, and its answer held a secret, shown once."""

    code = "answer_not_kept"
    title = "This was done, and its answer is not shown twice"


class ResyncNeededError(TasksteadError):
    """The sync token is older than the log, or of a database that a backup has replaced since."""

    status = 410
    code = "resync_needed"
    title = "Start over without a token"


class LogCompactedError(TasksteadError):
    """The change is older than the server keeps its log: it cannot be undone any more."""

    status = 410
    code = "log_compacted"
    title = "This is too long ago to be undone"


class RevisionMismatchError(TasksteadError):
    """It is not at the revision that the client has named: it has changed meanwhile."""

    status = 412
    code = "revision_mismatch"
    title = "It has changed meanwhile"


class AlreadyThereError(TasksteadError):
    """The request was to create it (`If-None-Match: *`), and it is there."""

    status = 412
    code = "already_there"
    confirms_write = True
    title = "It is there already"


class PreconditionRequiredError(TasksteadError):
    """The setting `require_if_match` wants every change to say what it goes on from."""

    status = 428
    code = "precondition_required"
    title = "This server wants If-Match with every change"


class BodyTooLargeError(TasksteadError):
    """The body is over the limit of the setting ``max_body_bytes``."""

    status = 413
    code = "body_too_large"
    title = "The request body is too large"


class UnsupportedMediaTypeError(TasksteadError):
    """The body is not of a type that the call takes."""

    status = 415
    code = "unsupported_media_type"
    title = "This content type is not supported"


class UriTooLongError(TasksteadError):
    """Path and query are longer than this server takes."""

    status = 414
    code = "uri_too_long"
    title = "The address is too long"


class UnknownHostError(TasksteadError):
    """The request is for a name that is not among the setting ``allowed_hosts``."""

    status = 421
    code = "unknown_host"
    title = "This server does not go by that name"


class RequestTimedOutError(TasksteadError):
    """The request came too slowly, or not to its end; see the setting ``slow_client_seconds``."""

    status = 408
    code = "request_timed_out"
    title = "The request took too long to arrive"


class HeadersTooLargeError(TasksteadError):
    """There are too many headers, or they are too large."""

    status = 431
    code = "headers_too_large"
    title = "The request headers are too large"


class RateLimitedError(TasksteadError):
    """There were more requests, or more attempts to log in, than a client may send in a time."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)})
