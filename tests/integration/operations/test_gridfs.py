"""GridFS on a real server, both faces: whose files are reached, what is in memory, and what failures leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from operator import length_hint
from typing import Any

import pytest
from tests.integration.operations.conftest import Face
from tests.integration.parity.adapter import Blocking, bare
from tests.proxies.tcp import Proxy

from petiole import gridfs
from petiole._commands.gridfs import GROUP_SIZE
from petiole._engine.scope import CURRENT, enter
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from petiole.errors import AutoReconnect, ExecutionTimeout, InvalidOperation, OperationFailure
from petiole.gridfs.errors import CorruptGridFile, FileExists, GridFSError, NoFile
from petiole.local import LocalServer
from petiole.monitoring import CommandListener, CommandStartedEvent
from petiole.write_concern import WriteConcern

_APP = "gridfs"
_MEGABYTE = 1 << 20
_EVERY: Any = {"$gt": 0}


class Heard(CommandListener):
    """The commands that a client starts."""

    def __init__(self) -> None:
        self.commands: list[CommandStartedEvent] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event)

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


def grid(face: Face, name: str, *args: Any, **kwargs: Any) -> Any:
    """An object of `petiole.gridfs`, of that face."""
    if not face.is_async:
        return getattr(gridfs, name)(*args, **kwargs)
    return Blocking(getattr(gridfs, f"Async{name}"), face._loop)(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def bucket(face: Face) -> Any:
    return grid(face, "GridFSBucket", face.db)


@pytest.fixture
def failing(face: Face) -> Iterator[Any]:
    """A database whose next inserts fail as often as asked for."""
    database = face.make(appname=_APP)[face.db.name]
    admin = face.client["admin"]

    def fail(skip: int, times: int = 1) -> Any:
        data = {"failCommands": ["insert"], "appName": _APP, "errorCode": 2}
        mode = {"skip": skip} if times == 0 else {"times": times}
        admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})
        return database

    yield fail
    admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def chunks(face: Face) -> int:
    """How many chunks there are, of any file."""
    count: int = face.db["fs"]["chunks"].count_documents({})
    return count


# An id that is a query operator means only itself.


def test_an_operator_as_id_reaches_no_file(face: Face, bucket: Any) -> None:
    bucket.upload_from_stream_with_id(5, "name", b"data")
    files = grid(face, "GridFS", face.db)
    reaches: list[Callable[[], Any]] = [
        lambda: bucket.open_download_stream(_EVERY),
        lambda: bucket.download_to_stream(_EVERY, io.BytesIO()),
        lambda: bucket.rename(_EVERY, "other"),
        lambda: bucket.delete(_EVERY),
        lambda: files.get(_EVERY),
        lambda: grid(face, "GridOut", face.db["fs"], _EVERY).open(),
    ]
    for reach in reaches:
        with pytest.raises(NoFile):
            reach()
    files.delete(_EVERY)
    stored = bucket.open_download_stream(5)
    assert (stored.filename, stored.read()) == ("name", b"data")


def test_an_operator_as_id_reaches_no_chunks(face: Face, bucket: Any) -> None:
    bucket.upload_from_stream_with_id(5, "name", b"data")
    document = {"_id": _EVERY, "length": 4, "chunkSize": 261120}
    with pytest.raises(CorruptGridFile, match="no chunk #0"):
        grid(face, "GridOut", face.db["fs"], file_document=document).read()
    upload = bucket.open_upload_stream_with_id(_EVERY, "name")
    upload.write(b"data")
    with pytest.raises(OperationFailure):  # Servers refuse such an id, but only that of the file's document.
        upload.close()
    assert chunks(face) == 2
    upload.abort()
    assert chunks(face) == 1
    assert bucket.open_download_stream(5).read() == b"data"


def test_an_operator_as_id_sets_nothing_on_other_files(face: Face, bucket: Any) -> None:
    bucket.upload_from_stream_with_id(5, "name", b"data")
    upload = bucket.open_upload_stream("second")
    upload.close()
    upload.set("_id", 7)
    upload._file["_id"] = _EVERY
    upload.set("filename", "stolen")
    assert [file.filename for file in bucket.find({})] == ["name", "second"]


def test_an_operator_as_name_changes_no_file(bucket: Any) -> None:
    bucket.upload_from_stream_with_id(5, "name", b"data")
    for change in (bucket.delete_by_name, lambda name: bucket.rename_by_name(name, "other")):
        with pytest.raises(NoFile):
            change({"$gt": ""})
    assert bucket.open_download_stream_by_name("name").read() == b"data"


def test_many_files_are_deleted_by_their_name(face: Face, bucket: Any) -> None:
    face.db["fs"]["files"].insert_many([{"_id": n, "filename": "name"} for n in range(2_500)])
    face.db["fs"]["chunks"].insert_many([{"files_id": n, "n": 0} for n in range(2_500)])
    bucket.delete_by_name("name")
    assert (face.db["fs"]["files"].count_documents({}), chunks(face)) == (0, 0)


# Bounded memory.


class Source:
    """Bytes without end, up to a size, which looks at the upload whenever it is read."""

    def __init__(self, size: int, look: Any) -> None:
        self._left = size
        self._look = look
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self._look()
        self.asked.append(size)
        size = min(size, self._left)
        self._left -= size
        return bytes(size)


def test_fifty_megabytes_go_up_with_a_group_of_chunks_in_memory(face: Face) -> None:
    heard = Heard()
    database = face.make(event_listeners=[heard])[face.db.name]
    upload = grid(face, "GridFSBucket", database).open_upload_stream("large")
    held: list[int] = []
    source = Source(
        50 * _MEGABYTE,
        lambda: held.append(sum(len(chunk["data"]) for chunk in upload._pending) + len(upload._rest)),
    )
    upload.write(source)
    upload.close()
    assert max(source.asked) == upload.chunk_size
    assert GROUP_SIZE / 2 < max(held) <= GROUP_SIZE
    inserts = [len(event.command["documents"]) for event in heard.commands if event.command_name == "insert"]
    assert sum(inserts) == 50 * _MEGABYTE // 261120 + 2
    assert max(inserts) * 261120 <= GROUP_SIZE
    assert upload.length == 50 * _MEGABYTE


def test_fifty_megabytes_come_down_by_one_cursor_a_batch_at_a_time(face: Face, bucket: Any) -> None:
    bucket.upload_from_stream_with_id(1, "large", bytes(50 * _MEGABYTE))
    download = bucket.open_download_stream(1)
    size = 0
    held: list[int] = []
    cursors = set()
    while piece := download.read(_MEGABYTE):
        size += len(piece)
        cursors.add(id(download._cursor))
        held.append(length_hint(download._cursor._batch) * 261120 + len(download._chunk))
    assert size == 50 * _MEGABYTE
    assert len(cursors) == 1
    assert _MEGABYTE < max(held) <= GROUP_SIZE + 261120


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 261120])
def test_pieces_of_any_size_make_the_same_file(bucket: Any, size: int) -> None:
    data = bytes(range(256)) * 4
    upload = bucket.open_upload_stream("name", chunk_size_bytes=100)
    for start in range(0, len(data), size):
        upload.write(data[start : start + size])
    upload.close()
    download = bucket.open_download_stream(upload._id)
    pieces = []
    while piece := download.read(size):
        pieces.append(piece)
    assert b"".join(pieces) == data
    assert {len(piece) for piece in pieces[:-1]} <= {size}


def test_a_source_may_give_less_than_asked_for(bucket: Any) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 3))

    bucket.upload_from_stream_with_id(1, "name", Slow(b"0123456789" * 10), chunk_size_bytes=7)
    assert bucket.open_download_stream(1).read() == b"0123456789" * 10


# What failures leave.


def test_a_close_that_failed_may_be_repeated(face: Face, failing: Any) -> None:
    upload = grid(face, "GridFSBucket", failing(skip=0)).open_upload_stream("name", chunk_size_bytes=4)
    upload.write(b"0123456789")
    with pytest.raises(OperationFailure):
        upload.close()
    assert not upload.closed
    upload.close()
    assert upload.closed
    assert grid(face, "GridFSBucket", face.db).open_download_stream(upload._id).read() == b"0123456789"


@pytest.fixture
def losing(face: Face) -> Iterator[tuple[Proxy, Any]]:
    """A proxy that can lose replies, and a database behind it on which nothing is retried."""
    with Proxy(face.server.address) as proxy:
        yield proxy, face.make(proxy.uri, retryWrites=False)[face.db.name]


@pytest.mark.parametrize("collection", ["fs.chunks", "fs.files"])
def test_a_close_whose_reply_was_lost_may_be_repeated(
    face: Face, losing: tuple[Proxy, Any], collection: str
) -> None:
    proxy, database = losing
    upload = grid(face, "GridFSBucket", database).open_upload_stream("name", chunk_size_bytes=4)
    upload.write(b"0123456789")
    proxy.lose_reply(lambda data: b"insert\0" in data and collection.encode() in data)
    with pytest.raises(AutoReconnect):
        upload.close()
    upload.filename = "another"
    upload.close()
    assert upload.closed
    found = grid(face, "GridFSBucket", face.db).open_download_stream(upload._id)
    assert (found.read(), found.filename) == (b"0123456789", "another")
    assert chunks(face) == 3


def test_a_lost_reply_makes_nobody_elses_file_ones_own(face: Face, losing: tuple[Proxy, Any]) -> None:
    proxy, database = losing
    upload = grid(face, "GridFSBucket", database).open_upload_stream_with_id(1, "name", chunk_size_bytes=4)
    upload.write(b"0123456789")
    proxy.lose_reply(lambda data: b"insert\0" in data and b"fs.files" in data)
    with pytest.raises(AutoReconnect):
        upload.close()
    other = {"_id": 1, "filename": "other", "length": 10, "uploadDate": datetime(2020, 1, 1)}
    face.db["fs"]["files"].replace_one({"_id": 1}, other)
    with pytest.raises(FileExists):
        upload.close()
    upload.abort()
    assert face.db["fs"]["files"].find_one() == other
    assert chunks(face) == 0


def test_after_a_write_that_failed_the_file_can_only_be_aborted(face: Face, failing: Any) -> None:
    upload = grid(face, "GridFSBucket", failing(skip=1, times=0)).open_upload_stream("name")
    upload.write(bytes(GROUP_SIZE + _MEGABYTE))
    assert chunks(face) > 0
    with pytest.raises(OperationFailure):
        upload.write(bytes(2 * GROUP_SIZE))
    for attempt in (lambda: upload.write(b"more"), upload.close):
        with pytest.raises(InvalidOperation, match="only be aborted"):
            attempt()
    assert not upload.closed
    upload.abort()
    assert upload.closed
    assert chunks(face) == 0


def test_a_block_that_failed_closes_the_file_unseen(face: Face, bucket: Any) -> None:
    upload = bucket.open_upload_stream("name")
    with contextlib.suppress(ZeroDivisionError), upload:
        upload.write(bytes(GROUP_SIZE + _MEGABYTE))
        raise ZeroDivisionError
    assert upload.closed
    assert list(bucket.find({})) == []
    assert chunks(face) > 0
    upload.abort()
    assert chunks(face) == 0


def test_a_source_that_fails_takes_its_chunks_with_it(face: Face) -> None:
    class Broken(Source):
        def read(self, size: int) -> bytes:
            if len(self.asked) == 30:
                raise OSError("broken")
            return super().read(size)

    heard = Heard()
    bucket = grid(face, "GridFSBucket", face.make(event_listeners=[heard])[face.db.name])
    with pytest.raises(OSError, match="broken"):
        bucket.upload_from_stream("name", Broken(50 * _MEGABYTE, lambda: None))
    assert "insert" in [event.command_name for event in heard.commands]
    assert chunks(face) == 0


@pytest.mark.parametrize("data", [b"", b"its data"], ids=["empty", "with chunks"])
def test_who_finds_the_id_taken_leaves_the_other_file_alone(face: Face, bucket: Any, data: bytes) -> None:
    bucket.upload_from_stream_with_id(1, "first", data)
    before = chunks(face)
    upload = bucket.open_upload_stream_with_id(1, "second", chunk_size_bytes=2)
    upload.write(b"other data")
    for _ in range(2):
        with pytest.raises(FileExists, match="_id 1"):
            upload.close()
    upload.abort()
    assert chunks(face) == before
    first = bucket.open_download_stream(1)
    assert (first.filename, first.read()) == ("first", data)


def test_an_upload_that_never_began_removes_nothing(bucket: Any) -> None:
    bucket.upload_from_stream_with_id(1, "first", b"data")
    bucket.open_upload_stream_with_id(1, "second").abort()
    assert bucket.open_download_stream(1).read() == b"data"


def test_a_download_goes_on_when_the_server_has_dropped_its_cursor(face: Face, bucket: Any) -> None:
    data = bytes(range(256)) * 2
    bucket.upload_from_stream_with_id(1, "name", data, chunk_size_bytes=2)
    download = bucket.open_download_stream(1)
    begun = download.read(3)
    face.db.command({"killCursors": "fs.chunks", "cursors": [download._cursor.cursor_id]})
    assert begun + download.read() == data


def test_a_kept_deadline_ends_the_whole_stream(face: Face) -> None:
    bucket = grid(face, "GridFSBucket", face.make(timeoutMS=60_000)[face.db.name])
    bucket.upload_from_stream_with_id(1, "name", b"data")
    upload, download = bucket.open_upload_stream("other"), bucket.open_download_stream(1)
    assert 0 < download._deadline.remaining() <= 60
    upload._deadline = upload._deadline.sooner(-1)
    download._deadline = download._deadline.sooner(-1)
    for use in (upload.close, download.read):
        with pytest.raises(ExecutionTimeout) as found:
            use()
        assert found.value.timeout
    upload.abort()


# Options and sessions.


def test_a_bound_session_is_that_of_all_commands(face: Face) -> None:
    heard = Heard()
    client = face.make(event_listeners=[heard])
    bucket = grid(face, "GridFSBucket", client[face.db.name])
    session = client.start_session()
    client[face.db.name].command("ping")  # Another session of the pool's.
    heard.commands.clear()
    token = enter(session=bare(session))  # As `bind` does, whose block is another one on each face.
    try:
        identity = str(session.session_id)
        bucket.upload_from_stream_with_id(1, "name", b"data")
        assert bucket.open_download_stream(1).read() == b"data"
        bucket.rename(1, "other")
        bucket.delete_by_name("other")
    finally:
        CURRENT.reset(token)
    assert {str(event.command["lsid"]) for event in heard.commands} == {identity}


def test_a_buckets_write_concern_is_that_of_its_files(face: Face) -> None:
    concern = WriteConcern(w="no such mode")
    bucket = grid(face, "GridFSBucket", face.db, write_concern=concern)
    with pytest.raises(OperationFailure, match="No write concern mode"):
        bucket.upload_from_stream("name", b"data")


class Shouting(TypeDecoder):
    """A type of the application's that would break files."""

    @property
    def bson_type(self) -> Any:
        return bytes

    def transform_bson(self, value: Any) -> Any:
        raise AssertionError("asked to decode a chunk")


def test_types_of_the_application_are_not_for_chunks(face: Face) -> None:
    options = CodecOptions(type_registry=TypeRegistry([Shouting()]))
    bucket = grid(face, "GridFSBucket", face.db.with_options(options))
    bucket.upload_from_stream_with_id(1, "name", b"data", metadata={"bytes": b"x"})
    file = bucket.open_download_stream(1)
    assert (file.read(), file.metadata) == (b"data", {"bytes": b"x"})


def test_errors_are_those_of_the_public_module() -> None:
    assert {error.__module__ for error in (NoFile, FileExists, CorruptGridFile, GridFSError)} == {
        "petiole.gridfs.errors"
    }


def test_text_is_read_through_a_wrapper(replica_set: LocalServer) -> None:
    from petiole.mongo_client import MongoClient

    lines = [f"line {number} \N{SNOWMAN}\n" for number in range(1_000)]
    with MongoClient(replica_set.uri) as client:
        bucket = gridfs.GridFSBucket(client["gridfs_text"], chunk_size_bytes=77)
        upload = bucket.open_upload_stream("text")
        upload.encoding = "utf-8"
        upload.writelines(lines)
        upload.close()
        with io.TextIOWrapper(bucket.open_download_stream(upload._id), "utf-8") as text:
            assert list(text) == lines
        client.drop_database("gridfs_text")


# Only on asyncio.


class Gate:
    """A source and a destination with coroutine functions, which stop at a gate."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        self.parts: list[bytes] = []

    async def read(self, size: int) -> bytes:
        if len(self.parts) == 30:
            self.reached.set()
            await self.opened.wait()
            return b""
        self.parts.append(bytes(size))
        return self.parts[-1]

    async def write(self, data: bytes) -> None:
        self.parts.append(data)
        if len(self.parts) == 2:
            self.reached.set()
            await self.opened.wait()


def test_a_cancelled_stream_leaves_nothing(replica_set: LocalServer) -> None:
    async def scenario() -> None:
        async with AsyncMongoClient[dict[str, Any]](replica_set.uri) as client:
            database = client["gridfs_cancelled"]
            bucket = gridfs.AsyncGridFSBucket(database)
            gate = Gate()
            upload = asyncio.create_task(bucket.upload_from_stream_with_id(1, "name", gate))
            await gate.reached.wait()
            assert await database["fs"]["chunks"].count_documents({}) > 0
            upload.cancel()
            with pytest.raises(asyncio.CancelledError):
                await upload
            assert await database["fs"]["chunks"].count_documents({}) == 0

            gate = Gate()
            gate.opened.set()
            await bucket.upload_from_stream_with_id(1, "name", gate)
            sent = b"".join(gate.parts)

            gate = Gate()
            download = asyncio.create_task(bucket.download_to_stream(1, gate))
            await gate.reached.wait()
            download.cancel()
            with pytest.raises(asyncio.CancelledError):
                await download

            gate = Gate()
            gate.opened.set()
            await bucket.download_to_stream(1, gate)
            assert b"".join(gate.parts) == sent
            await client.drop_database("gridfs_cancelled")

    asyncio.run(scenario())
