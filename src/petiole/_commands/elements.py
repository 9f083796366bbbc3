"""Encoded elements without a document's frame: what the executor puts into commands as it is.

Pure. Owns the one place that knows how a document is framed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._native import Codec


def elements(codec: Codec, document: Mapping[str, Any]) -> bytes:
    """A document's elements without its length and its terminator: ready to be put into another one."""
    return codec.encode(document)[4:-1]
