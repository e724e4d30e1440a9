"""Access rules: what a principal may do."""

from taskstead.domain.principal import Principal
from taskstead.errors import ForbiddenError


def require_session(principal: Principal) -> None:
    """Check that the user is logged in. Exporting or deleting an account needs a session.

    Raises:
        ForbiddenError: the principal has no session. Its credential is an API token, or it belongs
            to a job or the command line.
    """
    if principal.session_id is None:
        raise ForbiddenError("An API token cannot do this. Log in with your password.")
