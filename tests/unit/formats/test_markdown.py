"""Markdown rendering: the HTML runs no script, loads nothing and has only safe links."""

import asyncio
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from taskstead.formats.markdown import (
    render_markdown,
    render_markdown_in_thread,
    sanitise_html,
)

TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"href", "title", "rel", "start", "class"}

# Known attacks on sanitisers, as HTML and as Markdown (after OWASP's collection).
CORPUS = """
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<img src=x onerror=alert(1)>
<img src="x` `<script>alert(1)</script>"` `>
<svg onload=alert(1)>
<svg><script>alert&#40;1)</script></svg>
<math><mtext></p><style><img src onerror=alert(1)></style></math>
<iframe src=javascript:alert(1)></iframe>
<iframe srcdoc="<script>alert(1)</script>">
<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">
<embed src="javascript:alert(1)">
<body onload=alert(1)>
<a href="javascript:alert(1)">x</a>
<a href="java&#x0A;script:alert(1)">x</a>
<a href="&#106;avascript:alert(1)">x</a>
<a href=x onclick=alert(1)>x</a>
<form action="javascript:alert(1)"><button>x</button></form>
<input autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>
<style>@import 'javascript:alert(1)';</style>
<div style="background:url(javascript:alert(1))">x</div>
<link rel=stylesheet href="javascript:alert(1)">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<base href="javascript:alert(1)//">
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<template><script>alert(1)</script></template>
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?php alert(1) ?>
<x contenteditable onblur=alert(1)>
<video><source onerror="alert(1)"></video>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](  javascript:alert(1))
[x](java\tscript:alert(1))
[x](javascript&colon;alert(1))
[x](&#x6A;avascript:alert(1))
[x](vbscript:msgbox(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](<javascript:alert(1)>)
[x](file:///etc/passwd)
[x](http://a.example "onmouseover=alert(1)")
[x](http://a.example "\\" onmouseover=\\"alert(1)")
[x](http://a.example" onmouseover="alert(1))
![x](javascript:alert(1))
![x](http://evil.example/pixel.gif)
![x"onerror="alert(1)](x)
<javascript:alert(1)>
<data:text/html,alert(1)>
<http://a.example/"onmouseover=alert(1)>
[x]: javascript:alert(1)
[x][y]\n\n[y]: javascript:alert(1)
`<script>alert(1)</script>`
```<script>\nalert(1)\n```
``` "><script>alert(1)</script>\nx\n```
~~~ js" onclick="alert(1)\nx\n~~~
|<script>|[x](javascript:alert(1))|\n|-|-|\n|<img src=x onerror=alert(1)>|x|
# <img src=x onerror=alert(1)>
> <script>alert(1)</script>
1. <svg/onload=alert(1)>
[x](java&Tab;script:alert(1))
[x](java&NewLine;script:alert(1))
[x](&#1;javascript:alert(1))
[x](jav%0Aascript:alert(1))
[x](view-source:javascript:alert(1))
[x](blob:http://a.example/x)
[x](data:image/svg+xml,%3Csvg%20onload=alert(1)%3E)
[![x](javascript:alert(1))](javascript:alert(1))
[x](http://a.example "</a><script>alert(1)</script>")
<mailto:a@b.example?x="onmouseover=alert(1)>
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
\\<script>alert(1)\\</script>
"""


class AllowlistChecker(HTMLParser):
    """HTML parser that fails for any tag, attribute or URL outside the allowlist."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                assert urlsplit(value or "").scheme in ("", "http", "https", "mailto", "tel"), value
        if tag == "a":
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        pytest.fail(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        pytest.fail(f"a declaration: {data}")


def list_attacks() -> list[str]:
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in CORPUS.strip().splitlines()]


def test_attack_corpus_is_reduced_to_harmless_html() -> None:
    attacks = list_attacks()
    assert len(attacks) > 60
    for attack in attacks:
        AllowlistChecker(render_markdown(attack))
        AllowlistChecker(render_markdown(f"* x\n\n  > {attack}\n\n**{attack}** _{attack}_"))
    AllowlistChecker(render_markdown("\n\n".join(attacks)))


@given(st.lists(st.sampled_from([*"<>[]()`\"'=&;:/!*_|~\n #x", *list_attacks()]), max_size=12))
def test_mixtures_of_attacks_are_harmless(pieces: list[str]) -> None:
    AllowlistChecker(render_markdown("".join(pieces)))


@pytest.mark.parametrize("piece", [">", "> ", "- ", "1. ", "  - x\n", "[", "![", "*a ", "`` "])
def test_nesting_depth_is_limited(piece: str) -> None:
    """Deep nesting is cut off, which protects the parser and the reader."""
    html = render_markdown(piece * 5000)
    AllowlistChecker(html)
    assert html.count("<blockquote>") + html.count("<ul>") + html.count("<ol>") <= 20


def test_sanitiser_alone_removes_all_attacks() -> None:
    parser = MarkdownIt("commonmark", {"html": True})
    for attack in list_attacks():
        AllowlistChecker(sanitise_html(parser.render(attack)))
        AllowlistChecker(sanitise_html(attack))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("# Milk", "<h1>Milk</h1>\n"),
        ("Oat, ~~soy~~ *or* rye", "<p>Oat, <s>soy</s> <em>or</em> rye</p>\n"),
        ("1 < 2 &amp; <b>3</b>", "<p>1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;</p>\n"),
        (
            "```python\nprint('<&>')\n```",
            "<pre><code class=\"language-python\">print('&lt;&amp;&gt;')\n</code></pre>\n",
        ),
        ("![x](http://evil.example/x.gif)", "<p>!<a"),
        (
            '[this](https://oat.example/a?b=c&d "Oat")',
            '<p><a href="https://oat.example/a?b=c&amp;d" title="Oat"',
        ),
    ],
)
def test_dialect(text: str, html: str) -> None:
    assert render_markdown(text).startswith(html)


def test_table_is_rendered() -> None:
    html = render_markdown("| a | b |\n|---|---|\n| 1 | <b>2</b> |")
    assert "<th>a</th>" in html
    assert "<td>&lt;b&gt;2&lt;/b&gt;</td>" in html


async def test_rendering_in_a_thread_waits_for_its_limiter() -> None:
    limiter = asyncio.Semaphore(1)
    async with limiter:
        rendering = asyncio.create_task(render_markdown_in_thread("# Milk", limiter))
        await asyncio.sleep(0)
        assert not rendering.done()
    assert await rendering == "<h1>Milk</h1>\n"
