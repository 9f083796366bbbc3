"""A collection: everything it can be asked, from the modules that say how."""

from __future__ import annotations

from petiole._core.collection_reads import CollectionReads
from petiole._core.collection_writes import CollectionWrites
from petiole._core.document import Document


class CoreCollection(CollectionReads[Document], CollectionWrites[Document]):
    """What the blocking and the asyncio collection share: everything but iteration and construction."""
