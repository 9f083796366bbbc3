"""The names of the package `pymongo` as 3.x had them."""

from petiole._sdam.topology import MAX_SUPPORTED_WIRE_VERSION, MIN_SUPPORTED_WIRE_VERSION
from petiole.bson import has_c
from petiole.collection import ReturnDocument
from petiole.cursor_shared import CursorType
from petiole.legacy.diagnostics import ALL, OFF, SLOW_ONLY
from petiole.legacy.mongo_client import MongoClient, MongoReplicaSetClient
from petiole.operations import DeleteMany, DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

ASCENDING = 1
DESCENDING = -1
GEO2D = "2d"
GEOHAYSTACK = "geoHaystack"
"""An index that servers have no more since 5.0."""
GEOSPHERE = "2dsphere"
HASHED = "hashed"
TEXT = "text"

__all__ = [
    "ALL",
    "ASCENDING",
    "DESCENDING",
    "GEO2D",
    "GEOHAYSTACK",
    "GEOSPHERE",
    "HASHED",
    "MAX_SUPPORTED_WIRE_VERSION",
    "MIN_SUPPORTED_WIRE_VERSION",
    "OFF",
    "SLOW_ONLY",
    "TEXT",
    "CursorType",
    "DeleteMany",
    "DeleteOne",
    "IndexModel",
    "InsertOne",
    "MongoClient",
    "MongoReplicaSetClient",
    "ReadPreference",
    "ReplaceOne",
    "ReturnDocument",
    "UpdateMany",
    "UpdateOne",
    "WriteConcern",
    "has_c",
]
