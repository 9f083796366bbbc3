"""The names of the package `pymongo` as 1.x and 2.x had them."""

from petiole.bson import has_c
from petiole.legacy.connection import Connection
from petiole.legacy.early.mongo_client import MongoClient
from petiole.legacy.early.mongo_replica_set_client import MongoReplicaSetClient
from petiole.legacy.early.read_preferences import ReadPreference
from petiole.legacy.master_slave_connection import MasterSlaveConnection
from petiole.legacy.package import (
    ALL,
    ASCENDING,
    DESCENDING,
    GEO2D,
    GEOHAYSTACK,
    GEOSPHERE,
    HASHED,
    OFF,
    SLOW_ONLY,
    TEXT,
    CursorType,
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
    WriteConcern,
)
from petiole.legacy.replica_set_connection import ReplicaSetConnection

__all__ = [
    "ALL",
    "ASCENDING",
    "DESCENDING",
    "GEO2D",
    "GEOHAYSTACK",
    "GEOSPHERE",
    "HASHED",
    "OFF",
    "SLOW_ONLY",
    "TEXT",
    "Connection",
    "CursorType",
    "DeleteMany",
    "DeleteOne",
    "InsertOne",
    "MasterSlaveConnection",
    "MongoClient",
    "MongoReplicaSetClient",
    "ReadPreference",
    "ReplaceOne",
    "ReplicaSetConnection",
    "ReturnDocument",
    "UpdateMany",
    "UpdateOne",
    "WriteConcern",
    "has_c",
]
