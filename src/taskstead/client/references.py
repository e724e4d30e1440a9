"""References to tasks: a number, a UUID, or the address of the task in the web app."""

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from taskstead.client.addresses import Address, parse_address
from taskstead.client.errors import UsageFault

STANDARD_INPUT = "-"
_NUMBER = re.compile("[1-9][0-9]{0,17}")
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PAGE = re.compile("/t/([^/]+)/?")


def is_reference(text: str) -> bool:
    """Return whether a text has the form of a reference."""
    return bool(_NUMBER.fullmatch(text) or _UUID.fullmatch(text) or "://" in text)


def parse_reference(text: str, address: Address) -> int | str:
    """Return the number or the UUID of a task, as the API takes it.

    Args:
        text: the reference.
        address: the server. The address of a task on another server is refused.

    Raises:
        UsageFault: the text is not a reference.
    """
    text = text.strip()
    if "://" in text:
        text = _get_path_reference(text, address)
    if _NUMBER.fullmatch(text):
        return int(text)
    if _UUID.fullmatch(text):
        return text.lower()
    raise UsageFault(
        f"{text} is not a task. Use its number, its id (a UUID) or its address in the web app."
    )


def _get_path_reference(text: str, address: Address) -> str:
    host, _, path = text.partition("://")[2].partition("/")
    page = parse_address(f"{text.partition('://')[0]}://{host}")
    if page.origin != address.origin:
        raise UsageFault(f"{text} is on another server than {address}.")
    path = re.split("[?#]", f"/{path}", maxsplit=1)[0]
    found = _PAGE.fullmatch(path.removeprefix(address.path))
    if found is None:
        raise UsageFault(f"{text} is not the address of a task, such as {address}/t/12.")
    return found[1]


def parse_references(
    words: Iterable[str], address: Address, standard_input: TextIO
) -> list[int | str]:
    """Return the references of a command in their order, each once.

    Args:
        words: the arguments. ``-`` stands for the lines of standard input. The first field of a
            line counts, so the output of ``list`` in a pipe can be used.
        address: the server.
        standard_input: the standard input.

    Raises:
        UsageFault: a word is not a reference, or there is none.
    """
    found = {parse_reference(text, address): None for text in _expand_words(words, standard_input)}
    if not found:
        raise UsageFault("There is no task to change: no reference was given.")
    return list(found)


def _expand_words(words: Iterable[str], standard_input: TextIO) -> Iterator[str]:
    for word in words:
        if word == STANDARD_INPUT:
            try:
                yield from (line.split("\t")[0] for line in standard_input if line.strip())
            except UnicodeDecodeError as error:
                name = error.encoding.upper()
                raise UsageFault(f"Standard input is not valid {name}.") from None
        else:
            yield word
