"""The session cookie of the web app, and its protection against requests from other sites.

Over HTTPS, the name of the cookie begins with ``__Host-``, so that browsers accept it only with
``Secure``, for this host and for all paths (RFC 6265bis, section 4.1.3.2). Over plain HTTP, for
example in a home network, browsers would reject such a cookie.

A browser may also send the cookie with a request that another page caused (CSRF). Such a request
lacks the header ``Taskstead-Client``, because a page of another origin may set it only with the
permission of the server (CORS), and never together with the cookie. ``Sec-Fetch-Site`` and
``Origin`` are checked in addition, where the browser sends them.
See docs/decisions/0051-cookie-session-of-the-web-app.md.
"""

from starlette.requests import Request
from starlette.responses import Response

from taskstead.errors import CrossSiteRequestError
from taskstead.services.accounts.sessions import SessionCookie

CLIENT_HEADER = "Taskstead-Client"
_HTTP_NAME = "taskstead"
_HTTPS_NAME = "__Host-taskstead"


def read_session_cookie(request: Request) -> str | None:
    """Return the value of the session cookie of a request.

    Return None if there is no such cookie, or if there are several. One of them may then come from
    another host. Over HTTPS, the cookie of plain HTTP is ignored.
    """
    cookie = _find_cookie(request, _HTTPS_NAME)
    # A proxy that is not trusted may have terminated TLS, so the cookie of HTTPS is always read.
    if cookie is None and request.scope["scheme"] != "https":
        cookie = _find_cookie(request, _HTTP_NAME)
    return cookie


def read_replaced_cookies(request: Request) -> list[str]:
    """Return the session cookies that a login or logout ends, at most two.

    The cookie of plain HTTP is one of them, because the server may have been moved to HTTPS while
    the browser had it.
    """
    names = (_HTTPS_NAME, _HTTP_NAME)
    return [value for name in names if (value := _find_cookie(request, name))]


def _find_cookie(request: Request, name: str) -> str | None:
    values = _list_cookies(request, name.encode())
    return (values[0].decode("latin-1") or None) if len(values) == 1 else None


def _list_cookies(request: Request, name: bytes) -> list[bytes]:
    """Return the values of all cookies with a name.

    Only spaces and tabs are removed. Starlette also removes other white space. For a browser, a
    no-break space before ``__Host-`` makes another name, which does not have the protection of the
    prefix.
    """
    pairs = [
        pair.partition(b"=")
        for header, content in request.scope["headers"]
        if header == b"cookie"
        for pair in content.split(b";")
    ]
    return [value.strip(b" \t") for found, _, value in pairs if found.strip(b" \t") == name]


def set_session_cookie(request: Request, response: Response, cookie: SessionCookie) -> None:
    """Set the session cookie in the browser. Over HTTPS, delete the cookie of plain HTTP."""
    name = _HTTPS_NAME if _is_https(request) else _HTTP_NAME
    if name != _HTTP_NAME and _list_cookies(request, _HTTP_NAME.encode()):
        _set_cookie(response, _HTTP_NAME, SessionCookie("", 0))
    _set_cookie(response, name, cookie)


def _set_cookie(response: Response, name: str, cookie: SessionCookie) -> None:
    response.set_cookie(
        name,
        cookie.value,
        max_age=cookie.seconds,
        path="/",
        secure=name == _HTTPS_NAME,
        httponly=True,
        samesite="strict",
    )


def clear_session_cookie(request: Request, response: Response) -> None:
    """Delete the session cookie in the browser."""
    set_session_cookie(request, response, SessionCookie("", 0))


def check_same_origin(request: Request) -> None:
    """Check that a request comes from a page of this server.

    Raises:
        CrossSiteRequestError: it does not, or the header ``Taskstead-Client`` is missing.
    """
    if not request.headers.get(CLIENT_HEADER, "").strip():
        raise CrossSiteRequestError(
            f"Send the header {CLIENT_HEADER} with the name of the client, or use a token as "
            "`Authorization: Bearer …`."
        )
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise CrossSiteRequestError(
                f"The browser sent `Sec-Fetch-Site: {site}`. Only pages of this server may use the "
                "session cookie."
            )
        return
    origin = request.headers.get("origin")
    if origin is not None and not _is_own_origin(request, origin):
        host = request.headers.get("host", "")
        raise CrossSiteRequestError(
            f"The request comes from {origin}, but was sent to the host {host}. If both are this "
            "server, let the proxy pass the Host header unchanged."
        )


def _is_own_origin(request: Request, origin: str) -> bool:
    # A proxy that is not trusted may have terminated TLS. HTTPS is therefore always accepted.
    schemes = (request.scope["scheme"], "https")
    return origin.lower() in [f"{scheme}://{_get_host(request)}" for scheme in schemes]


def _is_https(request: Request) -> bool:
    """Return whether the browser uses HTTPS.

    If a proxy that is not trusted terminated TLS, only the browser's ``Origin`` shows it. Browsers
    send that header with all requests but reads.
    """
    origin = request.headers.get("origin", "").lower()
    return request.scope["scheme"] == "https" or origin == f"https://{_get_host(request)}"


def _get_host(request: Request) -> str:
    return request.headers.get("host", "").lower()
