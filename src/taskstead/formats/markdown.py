"""Rendering of Markdown as sanitised HTML.

The dialect is CommonMark with tables and strikethrough. HTML in the source is shown as text. One
library renders the HTML, and another one sanitises it. A defect in one of them is therefore not
exploitable.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

import nh3

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Images are not allowed. The host of an image would learn from each request when a task is read.
_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


@cache
def _get_parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - loaded on first use, because it is slow

    return (
        MarkdownIt("commonmark", {"html": False})
        .enable(["table", "strikethrough"])
        .disable(["image", "html_block", "html_inline"])
    )


def render_markdown(text: str) -> str:
    """Return sanitised HTML."""
    return sanitise_html(_get_parser().render(text))


def sanitise_html(html: str) -> str:
    """Remove all HTML that Markdown cannot produce; links get ``noreferrer``."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


async def render_markdown_in_thread(text: str, limiter: asyncio.Semaphore) -> str:
    """Render in a thread, because long texts take seconds.

    Args:
        text: the Markdown source.
        limiter: limits the concurrent renderings. Without it, they would occupy all threads, which
            password hashing needs too.
    """
    async with limiter:
        return await asyncio.to_thread(render_markdown, text)
