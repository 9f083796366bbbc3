"""Read and write concerns as a command carries them (specification: Read and Write Concern).

Pure. The server's default is expressed by leaving the field out; what a session adds to a read concern is
`_engine.session`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from petiole.read_concern import ReadConcern
    from petiole.write_concern import WriteConcern

_T = TypeVar("_T")


def read_concern_fields(concern: ReadConcern | None) -> dict[str, Any]:
    """The field of a command that reads."""
    if concern is None or not concern.level:
        return {}
    return {"readConcern": concern.document}


def write_concern_fields(concern: WriteConcern | None) -> dict[str, Any]:
    """The field of a command that writes."""
    if concern is None or concern.is_server_default:
        return {}
    return {"writeConcern": concern.document}


def inherited(own: _T | None, parent: _T) -> _T:
    """A collection has its database's options, a database its client's, unless it was given its own."""
    return parent if own is None else own
