"""Writes docs/errors.md from the classes in ``taskstead.errors``: `python -m scripts.errors_page`.

A test holds the file to it.
"""

from pathlib import Path

from taskstead.http.problems import describe_error_kind, list_error_kinds

PAGE = Path(__file__).parent.parent / "docs" / "errors.md"

HEAD = """\
# Errors

Every error is a problem document (RFC 9457) of the type `application/problem+json`:

```json
{
  "type": "/docs/errors#validation_failed",
  "title": "The request has values that are not allowed",
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

Program against `code`: it is stable. `title` and `detail` are for people and may be reworded.
`errors` is there when single values are wrong; a `pointer` is a JSON pointer (RFC 6901) into the
body, or `query/…`, `path/…` or `header/…` and the name of a parameter. `request_id` is also in the
header `X-Request-ID` and in the server's log. The server itself shows this list at `/docs/errors`,
where `type` points to.

A 503 comes with `Retry-After`, in seconds. After a `database_unavailable` a write may or may not
have been done: with an `Idempotency-Key` it can be [repeated](guide/retries.md) without doubling
anything, and so can `PUT` with an id of your own.
"""


def render_errors_page() -> str:
    """Return the page: the head above and a section for each code, by status."""
    sections = [
        f"## {kind.code}\n\n{kind.status}: {kind.title}. {describe_error_kind(kind)}\n"
        for kind in list_error_kinds()
    ]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    PAGE.write_text(render_errors_page(), encoding="utf-8")
