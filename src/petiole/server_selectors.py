"""Steps that narrow the servers for an operation. The code is in `petiole._sdam.selectors`."""

from petiole._sdam.selectors import (
    Selection,
    T,
    TagSet,
    TagSets,
    any_server_selector,
    apply_single_tag_set,
    apply_tag_sets,
    arbiter_server_selector,
    member_with_tags_server_selector,
    readable_server_selector,
    secondary_server_selector,
    secondary_with_tags_server_selector,
    writable_preferred_server_selector,
    writable_server_selector,
)

__all__ = [
    "Selection",
    "T",
    "TagSet",
    "TagSets",
    "any_server_selector",
    "apply_single_tag_set",
    "apply_tag_sets",
    "arbiter_server_selector",
    "member_with_tags_server_selector",
    "readable_server_selector",
    "secondary_server_selector",
    "secondary_with_tags_server_selector",
    "writable_preferred_server_selector",
    "writable_server_selector",
]
