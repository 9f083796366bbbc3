"""The APIs of 3.x, 2.x and 1.x: everything that PyMongo could then and 4 removed, on today's core."""

from petiole.legacy.collection import Collection
from petiole.legacy.connection import Connection
from petiole.legacy.cursor import Cursor
from petiole.legacy.database import Database
from petiole.legacy.diagnostics import ALL, OFF, SLOW_ONLY
from petiole.legacy.master_slave_connection import MasterSlaveConnection
from petiole.legacy.mongo_client import MongoClient, MongoReplicaSetClient
from petiole.legacy.replica_set_connection import ReplicaSetConnection

__all__ = [
    "ALL",
    "OFF",
    "SLOW_ONLY",
    "Collection",
    "Connection",
    "Cursor",
    "Database",
    "MasterSlaveConnection",
    "MongoClient",
    "MongoReplicaSetClient",
    "ReplicaSetConnection",
]
