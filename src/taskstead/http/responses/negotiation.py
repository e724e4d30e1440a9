"""Content negotiation (RFC 9110, section 12): whether a client prefers HTML to JSON."""

import re

from starlette.datastructures import Headers

HTML = "text/html"
# For responses that are HTML for browsers and problem documents for other clients.
NEGOTIATION_HEADERS = {"Vary": "Accept"}
_JSON = ("application/json", "application/problem+json")
_QVALUE = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def prefers_html(headers: Headers) -> bool:
    """Return whether ``Accept`` ranks HTML above JSON, as browsers do.

    Without the header, with ``*/*`` or with equal weights, JSON is preferred, because API clients
    send these.
    """
    accept = ",".join(headers.getlist("accept"))
    ranges = _parse_accept(accept)
    return _find_quality(ranges, HTML) > max(_find_quality(ranges, kind) for kind in _JSON)


def _parse_accept(accept: str) -> dict[str, float]:
    """Return the quality of each media range; malformed ranges are ignored."""
    ranges: dict[str, float] = {}
    for element in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in element.split(";"))
        weights = [value[2:] for value in parameters if value.startswith("q=")] or ["1"]
        if "/" in media_range and _QVALUE.fullmatch(weights[0]):
            # A range may be repeated with other parameters. The highest weight counts.
            ranges[media_range] = max(ranges.get(media_range, 0.0), float(weights[0]))
    return ranges


def _find_quality(ranges: dict[str, float], media_type: str) -> float:
    """Return the quality of a media type: that of the most specific matching range."""
    kind = media_type.partition("/")[0]
    for media_range in (media_type, f"{kind}/*", "*/*"):
        if media_range in ranges:
            return ranges[media_range]
    return 0.0
