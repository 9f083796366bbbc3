"""petiole: a MongoDB driver for Python with a native core."""

from __future__ import annotations

from petiole._version import __version__
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.mongo_client import MongoClient

__all__ = ["AsyncMongoClient", "MongoClient", "__version__"]

version = __version__
