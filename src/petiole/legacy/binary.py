"""UUIDs of subtype 3 as a class of their own, which ended with 3.x: today they are `Binary.from_uuid`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from petiole.bson.binary import OLD_UUID_SUBTYPE, Binary, UuidRepresentation

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["UUIDLegacy"]


class UUIDLegacy(Binary):
    """A UUID that is stored as drivers of before 2.0 did, whatever `uuidRepresentation` says."""

    def __new__(cls, obj: UUID) -> Self:
        from uuid import UUID

        if not isinstance(obj, UUID):
            raise TypeError("obj must be an instance of uuid.UUID")
        return super().__new__(cls, obj.bytes, OLD_UUID_SUBTYPE)

    def __getnewargs__(self) -> Any:
        return (self.uuid,)

    @property
    def uuid(self) -> UUID:
        """The UUID."""
        return self.as_uuid(UuidRepresentation.PYTHON_LEGACY)

    def __repr__(self) -> str:
        return f"UUIDLegacy('{self.uuid}')"
