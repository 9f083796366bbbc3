"""What is deprecated says so where it is used, and names what to use instead.

The list is what PyMongo 4.20 warns of, looked for among everything that its documentation calls deprecated or once did.
What else is in the tests must say nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from petiole import gridfs
from petiole.bson.binary import Binary
from petiole.bson.son import SON
from petiole.collection import Collection
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.read_preferences import Nearest, SecondaryPreferred
from petiole.write_concern import WriteConcern


class Site:
    """A database with one file in GridFS."""

    def __init__(self, uri: str) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(uri)
        self.db = self.client.deprecations
        self.files = gridfs.GridFS(self.db)
        self.files.put(b"data", _id=1, content_type="text/plain")

    def close(self) -> None:
        self.client.drop_database(self.db)
        self.client.close()

    @property
    def file(self) -> Any:
        return self.files.get(1)

    @property
    def new_file(self) -> Any:
        return self.files.new_file()


@pytest.fixture(scope="module")
def site(replica_set: LocalServer) -> Any:
    made = Site(replica_set.uri)
    yield made
    made.close()


OBSOLETE_VECTOR = Binary(bytes([16, 3, 255]), 9)
"""Whose last bits, which count for nothing, are not zero."""

DEPRECATED: list[tuple[str, Callable[[Site], Any]]] = [
    ("in operator", lambda site: SON({"a": 1}).has_key("a")),
    ("keys() method", lambda site: SON(a=1).iterkeys()),
    ("values() method", lambda site: SON(a=1).itervalues()),
    ("later version will refuse", lambda site: OBSOLETE_VECTOR.as_vector()),
    ("Database.create_collection", lambda site: Collection(site.db, "made", create=True)),
    ("Database.create_collection", lambda site: Collection(site.db, "capped", capped=True, size=4096)),
    ("hedged reads are deprecated", lambda site: SecondaryPreferred(hedge={"enabled": True})),
    ("hedged reads are deprecated", lambda site: Nearest(tag_sets=[{}], hedge={})),
    ("metadata", lambda site: site.file.aliases),
    ("metadata", lambda site: site.file.content_type),
    ("metadata", lambda site: site.file.md5),
    ("metadata", lambda site: site.new_file.content_type),
    ("metadata", lambda site: setattr(site.new_file, "content_type", "text/plain")),
]
QUIET: list[Callable[[Site], Any]] = [
    lambda site: MongoClient(
        connect=False, wTimeoutMS=5, ssl=False, socketTimeoutMS=5, tz_aware=True
    ).close(),
    lambda site: WriteConcern(wtimeout=5),
    lambda site: list(site.db.things.find(return_key=False, show_record_id=False).add_option(8)),
    lambda site: site.db.things.create_index("a", background=True),
    lambda site: site.files.put(b"", content_type="text/plain", aliases=["a"]),
    lambda site: (site.file.filename, site.file.metadata, site.file.length, site.file.upload_date),
    lambda site: site.client.is_mongos,
]


def said(use: Callable[[Site], Any], site: Site) -> list[Any]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use(site)
    return [warning for warning in caught if warning.category is not ResourceWarning]


@pytest.mark.parametrize("number", range(len(DEPRECATED)))
def test_deprecated(site: Site, number: int) -> None:
    instead, use = DEPRECATED[number]
    (warning,) = said(use, site)
    assert warning.category is DeprecationWarning
    assert instead in str(warning.message)
    assert warning.filename == __file__


@pytest.mark.parametrize("number", range(len(QUIET)))
def test_not_deprecated(site: Site, number: int) -> None:
    assert said(QUIET[number], site) == []
