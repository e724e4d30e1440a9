"""Source files, as the rules read them."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "scripts", "benchmarks", "examples")
PACKAGE = "src/taskstead"


class Source(NamedTuple):
    """One source file: its path from the root of the project, and its content."""

    path: str
    text: str

    @property
    def layer(self) -> str:
        """The package or module below `taskstead`. Empty for files outside the server."""
        inside = self.path.removeprefix(f"{PACKAGE}/")
        return "" if inside == self.path else inside.split("/")[0].removesuffix(".py")


@cache
def parse(text: str) -> ast.Module:
    """Return the syntax tree of a file. The rules share it."""
    return ast.parse(text)


@cache
def list_nodes(text: str) -> list[ast.AST]:
    """Return all nodes of the syntax tree of a file."""
    return list(ast.walk(parse(text)))


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name, or an empty string for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
