"""Generator of docs/reference/errors.md from the classes in ``taskstead.errors``.

Run it with `python -m scripts.errors_page`. A test checks that the page is up to date.
"""

from pathlib import Path

from taskstead.http.responses.documented_errors import describe_error_kind, list_error_kinds
from taskstead.http.responses.error_mapping import get_status

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "errors.md"

HEAD = """\
# Errors

Every error is a problem document (RFC 9457) of the type `application/problem+json`:

```json
{
  "type": "/docs/errors#validation_failed",
  "title": "The request has invalid values",
  "status": 422,
  "detail": "/priority: Input should be less than or equal to 5",
  "code": "validation_failed",
  "request_id": "01a1fbe6-20bc-7000-8e52-ea79cce82543",
  "timestamp": "2026-11-21T02:18:45.309047Z",
  "errors": [
    {
      "pointer": "/priority",
      "message": "Input should be less than or equal to 5",
      "code": "less_than_equal"
    }
  ]
}
```

Programs should check `code`, which is stable. `title` and `detail` are for people; their wording
may change. `errors` lists invalid values. A `pointer` is a JSON pointer (RFC 6901) into the body,
or `query/…`, `path/…` or `header/…` with the name of a parameter. `request_id` is also in the
response header `X-Request-ID` and in the server's log. The server shows this list at
`/docs/errors`; `type` links to it.

A 503 has a `Retry-After` header, in seconds. After `database_unavailable`, a write may or may not
have been committed. [Repeat it](../how-to/retries.md) with the same `Idempotency-Key`, or use `PUT`
with an id that the client chose; neither creates a duplicate.
"""


def render_errors_page() -> str:
    """Return the page: the introduction and one section per error code, sorted by status."""
    sections = [
        f"## {kind.code}\n\n**{get_status(kind)}: {kind.title}.** {describe_error_kind(kind)}\n"
        for kind in list_error_kinds()
    ]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    PAGE.write_text(render_errors_page(), encoding="utf-8")
