"""A collection: everything it can be asked, from the modules that say how."""

from __future__ import annotations

from petiole._core.collection_admin import CollectionAdmin
from petiole._core.collection_indexes import CollectionIndexes
from petiole._core.collection_modify import CollectionModify
from petiole._core.collection_reads import CollectionReads
from petiole._core.collection_writes import CollectionWrites
from petiole._core.document import Document


class CoreCollection(
    CollectionReads[Document],
    CollectionWrites[Document],
    CollectionModify[Document],
    CollectionIndexes[Document],
    CollectionAdmin[Document],
):
    """What the blocking and the asyncio collection share: everything but iteration and construction."""
