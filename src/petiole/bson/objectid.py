"""`ObjectId`: the identifier that documents get by default.

Owns only the name; the class is native (`petiole._native`) and generates by MongoDB's ObjectID specification.
"""

from __future__ import annotations

from petiole._native import ObjectId
from petiole.bson.errors import InvalidId

__all__ = ["InvalidId", "ObjectId"]
