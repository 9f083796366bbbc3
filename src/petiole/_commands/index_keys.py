"""Index keys as the command builders use them; the rules are in ``petiole._index_keys``."""

from petiole._index_keys import (
    hint_document,
    index_document,
    index_list,
    index_name,
    normalise_keys,
    projection_document,
)

__all__ = [
    "hint_document",
    "index_document",
    "index_list",
    "index_name",
    "normalise_keys",
    "projection_document",
]
