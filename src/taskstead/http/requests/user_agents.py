"""Short names of clients, from the header ``User-Agent`` (RFC 9110, section 10.1.5)."""

import re

MAX_LENGTH = 100

# In order: the tokens of some browsers contain those of browsers further down.
_BROWSERS = (
    ("Edge", re.compile(r"Edg(?:A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|Chromium|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/")),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_UNPRINTABLE = re.compile(r"[^ -~]+")


def describe_user_agent(user_agent: str | None) -> str | None:
    """Return a short name of a client: "Firefox 128 on Windows", "taskstead/0.1.0", or None.

    A client that is no known browser is named by the first product in the header. The result is
    printable ASCII of at most 100 characters.
    """
    text = _UNPRINTABLE.sub("", user_agent or "").strip()
    if not text:
        return None
    for name, pattern in _BROWSERS:
        if match := pattern.search(text):
            system = next((system for token, system in _SYSTEMS if token in text), None)
            return f"{name} {match[1][:10]}" + (f" on {system}" if system else "")
    return text.partition(" ")[0][:MAX_LENGTH]
