"""The 3.x API: everything that PyMongo 3 could and 4 removed, on today's core."""

from petiole.legacy.collection import Collection
from petiole.legacy.cursor import Cursor
from petiole.legacy.database import Database
from petiole.legacy.diagnostics import ALL, OFF, SLOW_ONLY
from petiole.legacy.mongo_client import MongoClient, MongoReplicaSetClient

__all__ = [
    "ALL",
    "OFF",
    "SLOW_ONLY",
    "Collection",
    "Cursor",
    "Database",
    "MongoClient",
    "MongoReplicaSetClient",
]
