"""Request body examples for the OpenAPI document, by schema name.

Schemas whose fields have their own examples are not listed here.
"""

from typing import Any

_ID = "01a1fbe6-20bc-7000-8e52-ea79cce82543"
_USER_ID = "01a1fbe6-2f10-7000-9c1d-6f3b2f6f7c11"
_EMAIL = "ada@example.com"
_PASSWORD = "correct horse battery"  # noqa: S105 - an example

REQUEST_EXAMPLES: dict[str, dict[str, Any]] = {
    "CategoryCreate": {"name": "Household", "color": "#3a7d44"},
    "CategoryPatch": {"name": "Home", "archived": False},
    "TagCreate": {"name": "errand", "color": "#b5651d"},
    "TagPatch": {"color": None},
    "TagMerge": {"into": _ID},
    "SavedFilterCreate": {"name": "Next", "filter": "is:open (overdue or today)", "shared": True},
    "SavedFilterPatch": {"sort": "priority,due_date", "group_by": "category"},
    "FilterPlace": {"to": "start"},
    "WorkspaceCreate": {"name": "Family"},
    "WorkspacePatch": {"name": "Our family"},
    "MemberAdd": {"email": "grace@example.com", "role": "editor"},
    "MemberPatch": {"role": "viewer"},
    "Register": {"email": _EMAIL, "password": _PASSWORD, "time_zone": "Europe/London"},
    "Login": {"email": _EMAIL, "password": _PASSWORD},
    "Body_token_auth_token_post": {"username": _EMAIL, "password": _PASSWORD},
    "Refresh": {"refresh_token": "tsr_…"},
    "AccountPatch": {"time_zone": "Europe/Berlin"},
    "PasswordChange": {"current_password": _PASSWORD, "new_password": "another good secret"},
    "ApiTokenCreate": {"name": "my scripts", "scopes": ["tasks:read", "tasks:write"]},
    "InvitationCreate": {"email": "grace@example.com"},
    "PasswordConfirmation": {"current_password": _PASSWORD},
    "AccountDeletion": {"current_password": _PASSWORD, "hand_over": {_ID: _USER_ID}},
    "UserPatch": {"disabled": True},
    "UserDeletion": {"hand_over": {_ID: _USER_ID}},
    "TodoCreate": {"title": "Buy oat milk"},
}
