"""The layout of the server's HTML pages: light and dark mode, no scripts."""

import html

from starlette.responses import HTMLResponse

from taskstead.http.responses.html_page import build_html_page

_STYLE = """
:root { color-scheme: light dark; --text: #1d2a22; --muted: #56655b; --paper: #f6f8f6;
  --card: #fff; --line: #d9e1db; --accent: #1f6f43; --mark: #fff3c4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4ebe6; --muted: #9fb0a5; --paper: #111713; --card: #1a221d;
    --line: #2e3a32; --accent: #7fd3a2; --mark: #453b12; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 3rem 1.25rem; background: var(--paper); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 44rem; margin: 0 auto; }
header { display: flex; align-items: center; gap: .75rem; margin-bottom: 1.5rem; }
header img { width: 2.5rem; height: 2.5rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2rem 0 .75rem; font-size: 1.15rem; }
a { color: var(--accent); }
p { margin: .5rem 0; }
code { font: .92em ui-monospace, monospace; }
pre { margin: .5rem 0; padding: .75rem 1rem; overflow-x: auto; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; }
.muted { color: var(--muted); }
.links { display: grid; gap: .75rem; padding: 0; list-style: none;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.links a { display: block; height: 100%; padding: .85rem 1rem; color: inherit;
  text-decoration: none; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; }
.links a:hover, .links a:focus-visible { border-color: var(--accent); }
.links strong { display: block; color: var(--accent); }
:target { background: var(--mark); }
"""


def build_site_page(heading: str, body: str, *, icon_path: str, status: int = 200) -> HTMLResponse:
    """Return a page in the common layout.

    Args:
        heading: the heading, as text.
        body: the content below the heading, as HTML.
        icon_path: the path of the icon in the header, which is also the icon of the page.
        status: the HTTP status.
    """
    text = html.escape(heading)
    title = text if text == "Taskstead" else f"{text} · Taskstead"
    return build_html_page(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="icon" href="{icon_path}">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header><img src="{icon_path}" alt=""><h1>{text}</h1></header>\n'
        f"{body}\n</main>\n</body>\n</html>\n",
        status=status,
    )
