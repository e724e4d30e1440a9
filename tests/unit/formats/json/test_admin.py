"""JSON of users and audit events for administrators."""

from taskstead.formats.json.admin import render_audit_event, render_user
from taskstead.schemas.admin.audit import AuditEvent
from taskstead.schemas.admin.users import User
from taskstead.tables.audit import NamedAuditEventRow
from tests.unit.formats.rows import CREATED, UPDATED, USER, USER_ID

EVENT: NamedAuditEventRow = {
    "id": "00000000-0000-7000-8000-000000000006",
    "at": CREATED,
    "kind": "login.failed",
    "user_id": None,
    "user_email": None,
    "credential_id": None,
    "subject_id": USER_ID,
    "subject_email": "ada@example.com",
    "address": "192.0.2.1",
    "request_id": "request",
    "details": {"email": "ada@example.com"},
}


def test_user_has_the_fields_of_its_schema() -> None:
    user = User.model_validate(render_user({**USER, "disabled_at": UPDATED}))
    assert (user.email, user.disabled_at) == ("ada@example.com", UPDATED)


def test_audit_event_has_the_fields_of_its_schema() -> None:
    event = AuditEvent.model_validate(render_audit_event(EVENT))
    assert (event.user_id, event.subject_id) == (None, USER_ID)
    assert (event.user_email, event.subject_email) == (None, "ada@example.com")
    assert event.details == {"email": "ada@example.com"}
