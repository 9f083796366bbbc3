"""How the snippets of this folder are written down.

A snippet is a small program over `c` (a collection), `db`, `client`, `make` (a further client), `tries` (an error as a
value), `kind` (a class's name) and the public names of the package under test. Its last expression is its value. Each
begins at the left margin; an indented line, or one that goes on with a compound statement, belongs to the one before.
"""

from __future__ import annotations

import ast
import re
from types import CodeType
from typing import Any

import pytest

FACES = ("blocking", "asyncio")
_GOES_ON = re.compile(r"\s|[)\]}]|(?:except|else|elif|finally)\b")


def split(text: str) -> list[str]:
    """The snippets of a text.

    :raises SyntaxError: for one that is no program: both drivers would agree on that.
    """
    found: list[str] = []
    for line in text.strip("\n").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if _GOES_ON.match(line) and found:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    for snippet in found:
        parse(snippet)
    return found


def parse(snippet: str) -> ast.Module:
    """A snippet as a program."""
    return ast.parse(snippet.replace("\n    |", "\n"), snippet)


def on_faces(text: str, faces: tuple[str, ...] = FACES) -> pytest.MarkDecorator:
    """Parametrises a test `(check, face, snippet)` by the snippets of a text and the faces."""
    cases = [
        pytest.param(face, snippet, id=f"{face}: {snippet}") for snippet in split(text) for face in faces
    ]
    return pytest.mark.parametrize(("face", "snippet"), cases)


def run(snippet: str, scope: dict[str, Any]) -> Any:
    """Executes a snippet and returns the value of its last expression, or None."""
    tree = parse(snippet)
    last: CodeType | None = None
    if isinstance(tree.body[-1], ast.Expr):
        expression = tree.body.pop()
        assert isinstance(expression, ast.Expr)
        last = compile(ast.Expression(expression.value), "snippet", "eval")
    exec(compile(tree, "snippet", "exec"), scope)
    return eval(last, scope) if last else None
