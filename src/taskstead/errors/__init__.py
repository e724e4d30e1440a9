"""Errors that the server returns to clients: one class per error code.

``http/responses/error_mapping.py`` has their HTTP statuses and headers.
docs/reference/errors.md is generated from the docstrings of this module. Each docstring states what
happened and what the client should do.
"""

from collections.abc import Sequence
from typing import Literal

from taskstead.errors.base import ServerError as ServerError
from taskstead.errors.base import TasksteadError as TasksteadError
from taskstead.errors.database import DatabaseBusyError as DatabaseBusyError
from taskstead.errors.database import DatabaseDamagedError as DatabaseDamagedError
from taskstead.errors.database import DatabaseFullError as DatabaseFullError
from taskstead.errors.database import DatabaseReplacedError as DatabaseReplacedError
from taskstead.errors.database import DatabaseUnavailableError as DatabaseUnavailableError
from taskstead.errors.details import FieldError as FieldError
from taskstead.errors.details import OwnerlessWorkspace as OwnerlessWorkspace
from taskstead.errors.details import PossibleOwner as PossibleOwner
from taskstead.errors.details import TextPosition as TextPosition
from taskstead.errors.details import UndoConflict as UndoConflict


class InternalError(ServerError):
    """The server failed to process the request because of a bug or an unexpected condition.

    Retry later. If the error persists, send the `request_id` to the administrator. The server's log
    contains the cause with this id.
    """

    code = "internal_error"
    title = "Something went wrong on the server"


class MalformedRequestError(TasksteadError):
    """The request is not valid HTTP, or its body is not valid for its content type.

    ``detail`` states what is wrong, for example the position of a syntax error in the JSON.
    Correct the request and send it again.
    """

    code = "malformed_request"
    title = "The request is malformed"


class ValidationFailedError(TasksteadError):
    """A field, parameter or header is missing, unknown or has a value that is not allowed.

    ``errors`` lists each invalid value with its location and the reason. Correct all of them and
    send the request again.
    """

    code = "validation_failed"
    title = "The request has invalid values"


class IdempotencyKeyReusedError(TasksteadError):
    """The Idempotency-Key was already used for a different request.

    Generate a new key for each new request. Reuse a key only to repeat the same request.
    """

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request"


class NotUndoableError(TasksteadError):
    """The change cannot be undone because of its kind.

    A permanent deletion cannot be undone. Changes to the settings or members of a workspace cannot
    be undone either. Restore the previous values with a new request.
    """

    code = "not_undoable"
    title = "This change cannot be undone"


class UnauthenticatedError(TasksteadError):
    """The request has no token or session cookie, or its token or session is no longer valid.

    Send `Authorization: Bearer` with a valid token. Log in or create an API token to get one. In a
    browser, log in again.
    """

    code = "unauthenticated"
    title = "A valid token or session is required"

    def __init__(
        self,
        detail: str,
        *,
        reason: Literal["invalid_request", "invalid_token"] | None = "invalid_token",
    ) -> None:
        super().__init__(detail)
        # The error code of RFC 6750, section 3.1. None if the client sent no token.
        self.reason = reason


class TokenExpiredError(UnauthenticatedError):
    """The token was valid, but its lifetime has ended.

    Refresh an access token with its refresh token. If the refresh token has expired, log in again.
    Replace an expired API token with a new one.
    """

    code = "token_expired"
    title = "The token has expired"


class RefreshSupersededError(UnauthenticatedError):
    """The refresh token was already used, and so was the refresh token that replaced it.

    The session is still valid. Another tab or process of the client has refreshed it. Use the
    tokens that it received.
    """

    code = "refresh_superseded"
    title = "A newer refresh token has been used"


class LoginFailedError(TasksteadError):
    """There is no account with this e-mail address and this password.

    Check the address and the password and try again. Repeated failures are rate-limited.
    """

    code = "login_failed"
    title = "The e-mail address or password is wrong"


class ForbiddenError(TasksteadError):
    """The user is authenticated but does not have the permission; ``detail`` states why.

    Repeating the request does not help.
    """

    code = "forbidden"
    title = "Not allowed"


class InsufficientScopeError(ForbiddenError):
    """The token lacks the scope that this operation requires (RFC 6750, section 3.1).

    Use a token with the scope that ``detail`` names.
    """

    code = "insufficient_scope"
    title = "The token lacks a required scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This operation requires a token with the scope {scope}.")
        self.scope = scope


class InsufficientRoleError(ForbiddenError):
    """The operation requires a higher role in the workspace.

    An owner of the workspace can change the role of its members.
    """

    code = "insufficient_role"
    title = "Your role in this workspace does not allow this"


class CrossSiteRequestError(ForbiddenError):
    """The request uses the session cookie, or signs in by cookie, but does not come from the app.

    Requests with the cookie need the header `Taskstead-Client`, and must come from a page of this
    server. Other programs send a token as `Authorization: Bearer`, which needs neither. Behind a
    proxy that changes the `Host` header, configure the proxy to pass it unchanged.
    """

    code = "cross_site_request"
    title = "The request does not come from the app"


class RegistrationClosedError(ForbiddenError):
    """Registration is disabled or requires an invitation.

    Ask an administrator for an invitation or an account. The setting `TASKSTEAD_REGISTRATION`
    determines who can register.
    """

    code = "registration_closed"
    title = "Registration is not open"


class SetupRequiredError(ForbiddenError):
    """The server has no account yet, and the request does not contain the setup token.

    Send the setup token as `setup_token`. If `TASKSTEAD_SETUP_TOKEN` is not set, `taskstead serve`
    generates the token and prints it. With Docker, `docker compose logs` shows it. The command
    `taskstead user create` creates the first account without the token.
    """

    code = "setup_required"
    title = "The first account requires the setup token"


class NotFoundError(TasksteadError):
    """The path or the object does not exist, or the user has no access to the object.

    Check the path, the id and the workspace. The object may have been deleted.
    """

    code = "not_found"
    title = "Not found"


class MethodNotAllowedError(TasksteadError):
    """The path exists but does not support the request method.

    The header `Allow` lists the methods that it supports.
    """

    code = "method_not_allowed"
    title = "Method not allowed"


class ConflictError(TasksteadError):
    """The request conflicts with the current state of the data; ``detail`` states why.

    Fetch the current state and adapt the request.
    """

    code = "conflict"
    title = "The request conflicts with the current state"


class NameTakenError(ConflictError):
    """Another object of the same kind already has this name, e-mail address or id.

    Use the existing object or choose another value.
    """

    code = "name_taken"
    confirms_write = True
    title = "The name is already taken"


class TaskTrashedError(ConflictError):
    """The task or its parent task is in the trash.

    Restore the task that is in the trash, then send the request again.
    """

    code = "task_trashed"
    title = "The task is in the trash"


class OccurrenceOverError(ConflictError):
    """The occurrence of the repeating task is not the current one. Nothing was changed.

    It was completed or skipped before, or the due dates were changed. Fetch the task: `repeat_at`
    is the current occurrence.
    """

    code = "occurrence_over"
    title = "The occurrence is not the current one"


class NotRepeatingError(ConflictError):
    """The task does not repeat, so it has no occurrence to skip.

    Complete or cancel the task, or set its `repeat_rule`.
    """

    code = "not_repeating"
    title = "The task does not repeat"


class OpenSubtasksError(ConflictError):
    """The task has open sub-tasks, and the request has `subtasks=refuse`. Nothing was changed.

    ``detail`` names the first of them. Complete or cancel them, or send `subtasks=complete` or
    `subtasks=keep`.
    """

    code = "open_subtasks"
    title = "The task has open sub-tasks"


class LastOwnerError(ConflictError):
    """The request would leave the workspace without an owner.

    Make another member an owner first.
    """

    code = "last_owner"
    title = "The workspace needs an owner"


class LastAdministratorError(ConflictError):
    """The request would leave the server without an active administrator.

    Make another user an administrator first. `taskstead user create --admin` creates an
    administrator from the command line.
    """

    code = "last_administrator"
    title = "The server needs an administrator"


class UndoConflictError(ConflictError):
    """Later changes conflict with the undo; ``conflicts`` lists the conflicts. Nothing was changed.

    Repeat the request with `force` to overwrite the later changes, or edit the objects instead.
    """

    code = "undo_conflict"
    title = "Later changes conflict with the undo"

    def __init__(self, detail: str, *, conflicts: Sequence[UndoConflict]) -> None:
        super().__init__(detail)
        self.conflicts = conflicts


class ReferenceGoneError(ConflictError):
    """An object that the request refers to was deleted while the request was processed.

    Nothing was changed. Fetch the objects that the request refers to and adapt the request.
    """

    code = "reference_gone"
    title = "A referenced object was deleted"

    def __init__(self) -> None:
        super().__init__(
            "An object that this request refers to was deleted while the request was processed. "
            "Nothing was changed."
        )


class SoleOwnerError(ConflictError):
    """The account is the only owner of workspaces that have other members.

    ``workspaces`` lists them. For each one, name a new owner in `hand_over`, make another member an
    owner first, or delete the workspace.
    """

    code = "sole_owner"
    title = "Shared workspaces would be left without an owner"

    def __init__(self, detail: str, *, workspaces: Sequence[OwnerlessWorkspace]) -> None:
        super().__init__(detail)
        self.workspaces = workspaces


class JobEndedError(ConflictError):
    """A job that has finished or failed cannot be cancelled. Fetch the job to see its result."""

    code = "job_ended"
    title = "The job has already ended"


class JobNotFailedError(ConflictError):
    """Only a failed job can be retried; ``detail`` states the job's state.

    Fetch the job again later, or start a new one.
    """

    code = "job_not_failed"
    title = "The job has not failed"


class RequestInProgressError(ConflictError):
    """Another request with the same Idempotency-Key is still being processed.

    Wait for the number of seconds in `Retry-After`, then repeat the request to get its response.
    """

    code = "request_under_way"
    title = "The same request is still being processed"

    def __init__(self) -> None:
        detail = "A request with this Idempotency-Key is still being processed. Retry in a second."
        super().__init__(detail, retry_after_seconds=1)


class ResponseNotStoredError(ConflictError):
    """The first request with this Idempotency-Key succeeded, and its response contained a secret.

    Responses with secrets are not stored, so the response cannot be repeated. If the request
    created an object, `Location` contains its URL. If the secret is lost, delete the object and
    create another one.
    """

    code = "answer_not_kept"
    title = "The request succeeded; its response cannot be repeated"

    def __init__(self, detail: str, *, created_url: str | None) -> None:
        super().__init__(detail)
        # The URL of the object that the first request created, if any.
        self.created_url = created_url


class ResyncNeededError(TasksteadError):
    """The sync token has expired, or a backup was restored after the token was issued.

    A token expires when the changes after it have been deleted from the change log. Discard the
    token and fetch all data again, starting without a token.
    """

    code = "resync_needed"
    title = "A full sync is required"


class LogCompactedError(TasksteadError):
    """The change has been deleted from the change log and can no longer be undone.

    `TASKSTEAD_LOG_DAYS` sets how long changes are stored. Restore the previous values with a new
    request.
    """

    code = "log_compacted"
    title = "The change is too old to undo"


class PreconditionFailedError(TasksteadError):
    """Base class of the errors of `If-Match` and `If-None-Match`."""

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        current_etag: str | None = None,
    ) -> None:
        super().__init__(detail, errors=errors)
        # The entity tag of the current version of the object. None if unknown or if the object
        # does not exist.
        self.current_etag = current_etag


class RevisionMismatchError(PreconditionFailedError):
    """The object has changed, so its revision differs from the one in `If-Match`.

    Fetch the object, apply the change to the new version and retry with the new ETag.
    """

    code = "revision_mismatch"
    title = "The object has changed"


class AlreadyExistsError(PreconditionFailedError):
    """The request has `If-None-Match: *`, and the object already exists.

    If an earlier attempt of the same request created the object, there is nothing to do. To change
    the object, send the request without `If-None-Match`.
    """

    code = "already_there"
    confirms_write = True
    title = "The object already exists"


class PreconditionRequiredError(TasksteadError):
    """This server requires the header `If-Match` for changes (`TASKSTEAD_REQUIRE_IF_MATCH`).

    Fetch the object and send its ETag as `If-Match`.
    """

    code = "precondition_required"
    title = "If-Match is required"


class BodyTooLargeError(TasksteadError):
    """The body is larger than the server accepts.

    Split the request into smaller ones. `TASKSTEAD_MAX_BODY_BYTES` sets the limit.
    `TASKSTEAD_MAX_IMPORT_BYTES` sets the limit for import files.
    """

    code = "body_too_large"
    title = "The request body is too large"


class UnsupportedMediaTypeError(TasksteadError):
    """The operation does not accept a body of this `Content-Type`.

    Send one of the types that ``detail`` names.
    """

    code = "unsupported_media_type"
    title = "The content type is not supported"


class UriTooLongError(TasksteadError):
    """The URL's path and query string exceed the server's limit. Shorten the query."""

    code = "uri_too_long"
    title = "The URL is too long"


class UnknownHostError(TasksteadError):
    """The request's host is not listed in `TASKSTEAD_ALLOWED_HOSTS`.

    Use a listed host name, or ask the administrator to add the host of the request.
    """

    code = "unknown_host"
    title = "Unknown host"


class RequestTimedOutError(TasksteadError):
    """The client sent the request too slowly or did not complete it.

    Retry the request. `TASKSTEAD_SLOW_CLIENT_SECONDS` sets the time limit.
    """

    code = "request_timed_out"
    title = "The request took too long to arrive"


class HeadersTooLargeError(TasksteadError):
    """The request has too many headers, or they are too large. Send fewer or shorter headers."""

    code = "headers_too_large"
    title = "The request headers are too large"


class RateLimitedError(TasksteadError):
    """The client has exceeded a rate limit on requests or login attempts.

    Wait for the number of seconds in `Retry-After`, then retry.
    """

    code = "rate_limited"
    title = "Too many requests"
