"""Markdown as HTML that is safe to put into a page.

CommonMark with tables and strikethrough. HTML in it is shown as text; what comes out is sanitised
all the same, so that a fault in the one is caught by the other.
"""

import asyncio
from functools import cache

import nh3
from markdown_it import MarkdownIt

# Without pictures: fetching one tells a stranger who reads the task, and when.
_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


@cache
def _get_parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": False})
        .enable(["table", "strikethrough"])
        .disable(["image", "html_block", "html_inline"])
    )


def render_markdown(text: str) -> str:
    """Return sanitised HTML."""
    return sanitise_html(_get_parser().render(text))


def sanitise_html(html: str) -> str:
    """Leave what Markdown can say. Links do not tell where they were followed from."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


async def render_markdown_aside(text: str, turns: asyncio.Semaphore) -> str:
    """Render in a thread, since long texts may take seconds.

    Args:
        text: Markdown.
        turns: how many may be rendered at once. All else that takes threads, as the hashing of
            passwords, would have to wait behind them, and they for each other in any case.
    """
    async with turns:
        return await asyncio.to_thread(render_markdown, text)
