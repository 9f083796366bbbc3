"""What the checkers make of the public faces: every `assert_type` holds in mypy and in pyright.

Checked, never run (`test_types.py` does so); nothing here connects.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, TypedDict, assert_type

from petiole import AsyncMongoClient, MongoClient
from petiole.asynchronous.change_stream import AsyncCollectionChangeStream
from petiole.asynchronous.client_session import AsyncClientSession
from petiole.asynchronous.collection import AsyncCollection
from petiole.asynchronous.command_cursor import AsyncCommandCursor
from petiole.asynchronous.cursor import AsyncCursor
from petiole.asynchronous.database import AsyncDatabase
from petiole.bson.codec_options import CodecOptions
from petiole.bson.objectid import ObjectId
from petiole.bson.raw_bson import RawBSONDocument
from petiole.bson.son import SON
from petiole.bson.timestamp import Timestamp
from petiole.change_stream import CollectionChangeStream
from petiole.client_session import ClientSession
from petiole.collection import Collection
from petiole.command_cursor import CommandCursor
from petiole.cursor import Cursor
from petiole.database import Database
from petiole.gridfs import (
    AsyncGridFS,
    AsyncGridFSBucket,
    AsyncGridIn,
    AsyncGridOut,
    AsyncGridOutCursor,
    GridFS,
    GridFSBucket,
    GridIn,
    GridOut,
    GridOutCursor,
)


class Movie(TypedDict):
    """A document of an application."""

    name: str
    year: int


RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


def documents_are_dicts_by_default() -> None:
    client = MongoClient()
    assert_type(client, MongoClient[dict[str, Any]])
    assert_type(MongoClient("localhost", 27017, tz_aware=True, w=1), MongoClient[dict[str, Any]])
    assert_type(client.db, Database[dict[str, Any]])
    assert_type(client["db"], Database[dict[str, Any]])
    assert_type(client.db.coll, Collection[dict[str, Any]])
    assert_type(client.db["coll"].sub, Collection[dict[str, Any]])
    assert_type(client.db.coll.find_one(), dict[str, Any] | None)
    assert_type(client.db.coll.find({}), Cursor[dict[str, Any]])
    assert_type(client.db.coll.aggregate([]), CommandCursor[dict[str, Any]])
    assert_type(list(client.db.coll.find()), list[dict[str, Any]])
    assert_type(client.db.coll.find().to_list(), list[dict[str, Any]])
    assert_type(next(client.db.coll.aggregate([])), dict[str, Any])
    assert_type(client.db.coll.watch(), CollectionChangeStream[dict[str, Any]])
    assert_type(client.db.watch().try_next(), dict[str, Any] | None)
    assert_type(next(client.watch()), dict[str, Any])


async def documents_are_dicts_by_default_on_asyncio() -> None:
    client = AsyncMongoClient()
    assert_type(client, AsyncMongoClient[dict[str, Any]])
    assert_type(client.db, AsyncDatabase[dict[str, Any]])
    assert_type(client.db["coll"], AsyncCollection[dict[str, Any]])
    assert_type(await client.db.coll.find_one(), dict[str, Any] | None)
    assert_type(client.db.coll.find({}), AsyncCursor[dict[str, Any]])
    assert_type(await client.db.coll.aggregate([]), AsyncCommandCursor[dict[str, Any]])
    assert_type(await client.db.coll.watch(), AsyncCollectionChangeStream[dict[str, Any]])
    assert_type(await (await client.db.watch()).try_next(), dict[str, Any] | None)
    assert_type(await client.db.coll.find().to_list(), list[dict[str, Any]])
    assert_type([document async for document in client.db.coll.find()], list[dict[str, Any]])


def a_document_class_goes_all_the_way_down() -> None:
    client = MongoClient(document_class=RawBSONDocument)
    assert_type(client, MongoClient[RawBSONDocument])
    assert_type(client.db.coll.find_one(), RawBSONDocument | None)
    assert_type(client.db.coll.find(), Cursor[RawBSONDocument])
    assert_type(client.db.coll.aggregate([]), CommandCursor[RawBSONDocument])


def a_collection_can_have_a_class_of_its_own() -> None:
    client: MongoClient[Any] = MongoClient()
    movies: Collection[Movie] = client.db.movies
    assert_type(movies.find_one(), Movie | None)
    assert_type([document["year"] for document in movies.find()], list[int])
    movies.insert_one({"name": "Metropolis", "year": 1927})
    db: Database[Movie] = client.db
    assert_type(db.movies.find_one(), Movie | None)


def options_change_the_class_of_documents() -> None:
    db = MongoClient().db
    assert_type(db.with_options(codec_options=RAW), Database[RawBSONDocument])
    assert_type(db.with_options(), Database[dict[str, Any]])
    assert_type(db.get_collection("coll", RAW), Collection[RawBSONDocument])
    assert_type(db.get_collection("coll"), Collection[dict[str, Any]])
    assert_type(db.coll.with_options(RAW), Collection[RawBSONDocument])
    assert_type(db.client.get_database("other", RAW), Database[RawBSONDocument])
    assert_type(db.client.get_default_database("other"), Database[dict[str, Any]])
    assert_type(db.create_collection("coll"), Collection[dict[str, Any]])


async def options_change_the_class_of_documents_on_asyncio() -> None:
    db = AsyncMongoClient().db
    assert_type(db.with_options(codec_options=RAW), AsyncDatabase[RawBSONDocument])
    assert_type(db.get_collection("coll", RAW), AsyncCollection[RawBSONDocument])
    assert_type(db.client.get_database("other", RAW), AsyncDatabase[RawBSONDocument])
    assert_type(await db.create_collection("coll"), AsyncCollection[dict[str, Any]])


def replies_are_dicts_unless_options_say_otherwise() -> None:
    client = MongoClient(document_class=SON)
    assert_type(client.db.command("ping"), dict[str, Any])
    assert_type(client.db.command("ping", codec_options=RAW), RawBSONDocument)
    assert_type(client.db.list_collections(), CommandCursor[MutableMapping[str, Any]])
    assert_type(client.db.list_collection_names(), list[str])
    assert_type(client.list_databases(), CommandCursor[dict[str, Any]])
    assert_type(client.list_database_names(), list[str])
    assert_type(client.server_info(), dict[str, Any])
    assert_type(client.drop_database("db"), None)


async def replies_are_dicts_unless_options_say_otherwise_on_asyncio() -> None:
    client = AsyncMongoClient()
    assert_type(await client.db.command("ping"), dict[str, Any])
    assert_type(await client.db.command("ping", codec_options=RAW), RawBSONDocument)
    assert_type(await client.db.list_collections(), AsyncCommandCursor[MutableMapping[str, Any]])
    assert_type(await client.db.list_collection_names(), list[str])
    assert_type(await client.list_databases(), AsyncCommandCursor[dict[str, Any]])
    assert_type(await client.server_info(), dict[str, Any])


def clients_know_their_deployment() -> None:
    client = MongoClient()
    assert_type(client.address, tuple[str, int | None] | None)
    assert_type(client.primary, tuple[str, int | None] | None)
    assert_type(client.secondaries, set[tuple[str, int | None]])
    assert_type(client.nodes, frozenset[tuple[str, int | None]])
    assert_type(client.is_primary, bool)


async def clients_know_their_deployment_on_asyncio() -> None:
    client = AsyncMongoClient()
    assert_type(await client.primary, tuple[str, int | None] | None)
    assert_type(await client.is_mongos, bool)
    assert_type(client.nodes, frozenset[tuple[str, int | None]])


def blocks_give_what_they_were_made_of() -> None:
    with MongoClient() as client:
        assert_type(client, MongoClient[dict[str, Any]])
        with client.start_session() as session, session.bind() as bound:
            assert_type(session, ClientSession)
            assert_type(bound, ClientSession)
            assert_type(session.with_transaction(lambda session: session.in_transaction), bool)
            with session.start_transaction():
                assert_type(session.snapshot_time, Timestamp | None)


async def blocks_give_what_they_were_made_of_on_asyncio() -> None:
    async with AsyncMongoClient() as client:
        assert_type(client, AsyncMongoClient[dict[str, Any]])
        async with client.start_session() as session, session.bind() as bound:
            assert_type(session, AsyncClientSession)
            assert_type(bound, AsyncClientSession)
            assert_type(await session.with_transaction(in_transaction), bool)
            async with await session.start_transaction():
                assert_type(session.snapshot_time, Timestamp | None)


async def in_transaction(session: AsyncClientSession) -> bool:
    return session.in_transaction


def files_are_typed() -> None:
    database = MongoClient().db
    bucket = GridFSBucket(database)
    assert_type(bucket.upload_from_stream("name", b""), ObjectId)
    assert_type(bucket.open_upload_stream("name"), GridIn)
    assert_type(bucket.open_download_stream(1), GridOut)
    assert_type(bucket.open_download_stream(1).read(), bytes)
    assert_type(bucket.find({}), GridOutCursor)
    assert_type(next(bucket.find({})), GridOut)
    assert_type(list(bucket.find({})), list[GridOut])
    assert_type(bucket.find({}).to_list(), list[GridOut])
    assert_type(list(bucket.open_download_stream(1)), list[bytes])
    files = GridFS(database)
    assert_type(files.get(1), GridOut)
    assert_type(files.find_one(1), GridOut | None)
    assert_type(files.new_file(), GridIn)
    assert_type(files.list(), list[str])
    assert_type(files.exists(1), bool)


async def files_are_typed_on_asyncio() -> None:
    database = AsyncMongoClient().db
    bucket = AsyncGridFSBucket(database)
    assert_type(await bucket.upload_from_stream("name", b""), ObjectId)
    assert_type(bucket.open_upload_stream("name"), AsyncGridIn)
    assert_type(await bucket.open_download_stream(1), AsyncGridOut)
    assert_type(await (await bucket.open_download_stream(1)).read(), bytes)
    assert_type(bucket.find({}), AsyncGridOutCursor)
    assert_type(await anext(bucket.find({})), AsyncGridOut)
    assert_type([file async for file in bucket.find({})], list[AsyncGridOut])
    assert_type(await bucket.find({}).to_list(), list[AsyncGridOut])
    files = AsyncGridFS(database)
    assert_type(await files.get(1), AsyncGridOut)
    assert_type(await files.find_one(1), AsyncGridOut | None)
    assert_type(files.new_file(), AsyncGridIn)
    assert_type(await files.list(), list[str])
