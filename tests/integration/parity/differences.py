"""Where petiole is meant to differ from PyMongo, and why; and what it cannot do yet.

A difference names a snippet, or what several have in common, and the aspect that differs: `value`, `commands`,
`messages`, or `any`. Where it names a whole snippet, the test fails once there is no difference any more.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple


class Difference(NamedTuple):
    """An accepted difference: a part of a snippet, the aspect, the reason."""

    part: str
    aspect: str
    reason: str


INTENDED = (
    Difference(
        "s.start_transaction(); tries(lambda: c.insert_one({'a': object()}, session=s))",
        "any",
        "Transactions specification: errors of the client do not change the state; PyMongo takes it for started.",
    ),
    Difference(
        "s.start_transaction(); list(c.list_indexes(session=s))",
        "value",
        "The details of an error are always a dict.",
    ),
    Difference("make(datetime_conversion='datetime_clamp')", "any", "Named as the documentation names it."),
    Difference("pickle.dumps(make(", "messages", "Says what cannot be pickled."),
    Difference("dir(c.aggregate([]))", "value", "Aggregations explain themselves."),
    Difference("dir(c.aggregate_raw_batches([]))", "value", "Aggregations explain themselves."),
    Difference("package.timeout(", "commands", "Servers are told what is left of the time, never the same."),
    Difference("timeoutMS=", "commands", "Servers are told what is left of the time, never the same."),
    Difference("dir(client.start_session())", "value", "The snapshot time can be had."),
    Difference("aggregate_raw_batches(", "commands", "No round trip for an empty first batch."),
    Difference("db.create_collection(", "commands", "A bad name is refused before anything is sent."),
    Difference("max_await_time_ms='x'", "commands", "A bad argument is refused before anything is sent."),
    Difference("max_await_time_ms=1.5", "commands", "A bad argument is refused before anything is sent."),
    Difference("watch(collation={", "commands", "PyMongo loses the collation of change streams."),
    Difference(
        "CodecOptions(type_registry=TypeRegistry([Upper()]))).watch(max_await",
        "value",
        "PyMongo loses the token of an empty batch.",
    ),
    Difference(".to_list('x')", "commands", "A bad argument is refused before anything is sent."),
    Difference("db.cursor_command('find', 'things', comment=", "commands", "PyMongo loses the comment."),
    Difference(
        "list(c.aggregate([{'$limit': 1}], hint=[('_id', 1)]))", "any", "A hint has the forms it has in find."
    ),
    Difference(
        "list(c.find(min=[('_id', 3)], max=[('_id', 6)], hint='_id_'))",
        "any",
        "As documented; PyMongo sends an array, which servers refuse.",
    ),
    Difference("hint='_id_', min=[('_id', 3)], max=[('_id', 5)]", "any", "The same."),
    Difference("c.drop_index(['a', ('b', -1)])", "any", "Keys have the forms they have in create_index."),
    Difference(
        "cur = client.list_databases(); cur.alive, cur.cursor_id, cur.address",
        "value",
        "The id of a cursor is an Int64 also where there is none on the server.",
    ),
    Difference("db.command(RawBSONDocument(encode({'ping': 1})))", "any", "Any mapping is a command."),
    Difference(
        "c.bulk_write([UpdateMany({}, {'$inc': {'a': 1}}), DeleteMany(",
        "commands",
        "A command that may be retried is, also after one that may not.",
    ),
    Difference(
        "c.bulk_write([DeleteOne({})], bypass_document_validation=True)",
        "commands",
        "A delete validates nothing.",
    ),
    Difference(
        "c.insert_many([{'_id': 1}, {'a': 'x' * (17 * 1024 * 1024)}])",
        "any",
        "Too large a document is refused here as in insert_one.",
    ),
    Difference("str(tries(lambda: c.insert_many(", "value", "The message says what failed."),
    Difference("str(tries(lambda: c.bulk_write(", "value", "The message says what failed."),
    Difference("e = tries(lambda: c.insert_many(", "value", "The message says what failed."),
    Difference("e = tries(lambda: c.bulk_write(", "value", "The message says what failed."),
    Difference(
        "e = tries(lambda: c.insert_one({'a': {'b': object}}))", "value", "The message names the key."
    ),
    Difference(
        "u.insert_many([{'_id': 1}], ordered=False, comment='x')", "commands", "PyMongo loses the comment."
    ),
    Difference(
        "c.bulk_write([DeleteMany(None)])", "any", "A bad argument is refused before anything is sent."
    ),
    Difference(
        "def transform_bson(self, value): raise ValueError('no')",
        "value",
        "The error of an application's own decoder comes through as it is, wherever the value stands.",
    ),
    Difference(
        "CodecOptions(document_class=RawBSONDocument)).find({'$no': 1}).next()",
        "value",
        "The details of an error are always a dict.",
    ),
    Difference("copy.copy(c) ==", "any", "PyMongo recurses without end."),
    Difference("copy.copy(db) ==", "any", "PyMongo recurses without end."),
    Difference("maxStalenessSeconds=100", "value", "PyMongo shows milliseconds as seconds."),
    Difference("make('localhost:1', server_api=ServerApi('1'), connect=False)", "value", "It has a repr."),
    Difference("ServerApi('1'), ServerApi('1').version, ServerApi('1').strict", "value", "It has a repr."),
    Difference(
        "make(directConnection=True, readPreference='nearest').parity.things.find_one()",
        "commands",
        "Server selection specification, topology type Single: only primary is replaced.",
    ),
    Difference(
        "client.bulk_write([InsertOne(d, N)], verbose_results=True); list(d)",
        "commands",
        "The id goes first.",
    ),
    Difference(
        "d = RawBSONDocument(encode({'x': 70})); r = client.bulk_write(",
        "value",
        "Without an id a raw document is written all the same.",
    ),
    Difference(
        "client.bulk_write([UpdateOne({'a': 1}, {'$set': {'z': 1}}, sort=[",
        "any",
        "A bad argument is refused before anything is sent.",
    ),
    Difference(
        "client.bulk_write([InsertOne({'_id': 1}, 'parity.things'), InsertOne({'_id': 10}, 'parity.things')])",
        "value",
        "Nothing is claimed to be done when the first of ordered writes fails.",
    ),
    # GridFS.
    Difference("chunk_size=0)", "any", "Chunks of no bytes would lose the file."),
    Difference("io.StringIO('0123456789')", "commands", "Nothing is prepared for what cannot be written."),
    Difference("fs.find_one(", "commands", "One file is wanted, so one is asked for."),
    Difference("GridFS(db).find_one(", "commands", "One file is wanted, so one is asked for."),
    Difference(
        "b = GridFSBucket(db, 'b', 7, WriteConcern(w='majority'), ReadPreference.SECONDARY_PREFERRED)",
        "commands",
        "As documented: the options of a bucket are those of its files, too.",
    ),
    Difference("b.delete_by_name('x')", "commands", "Where nothing was found, nothing is deleted."),
    Difference("b.delete_by_name(5)", "commands", "A name that is no string means only itself."),
    Difference("b.delete_by_name({", "commands", "A name that is no string means only itself."),
    Difference("b.rename_by_name({", "commands", "A name that is no string means only itself."),
    Difference("s.abort()", "commands", "Only what may have been written is removed."),
    Difference("tries(f.close), tries(f.abort)", "commands", "Only what may have been written is removed."),
    Difference("raise OSError('no')", "commands", "Only what may have been written is removed."),
    Difference("tries(s.abort),", "any", "The file whose `_id` it is stays."),
    Difference(
        "else b''", "any", "A source that reads less than asked for is not at its end, and may read more."
    ),
    Difference("g.seek(-2, 1)", "commands", "Within the chunk at hand nothing has to be fetched."),
    Difference("g.seek(1), g.read(1)", "commands", "Within the chunk at hand nothing has to be fetched."),
    Difference("g.read(-5), g.seek(0)", "commands", "Within the chunk at hand nothing has to be fetched."),
    Difference(
        "tries(g.read), tries(g.readline), tries(lambda: g.seek(0))",
        "commands",
        "Within the chunk at hand nothing is fetched.",
    ),
    Difference("{'$set': {'data': 'text'}}", "value", "A chunk without binary data is a corrupt one."),
    Difference("{'$unset': {'data': 1}}", "value", "A chunk without binary data is a corrupt one."),
)

# Where PyMongo stumbles over an argument rather than checks it.
_ACCIDENTS = (
    "AttributeError",
    "AssertionError",
    "IndexError",
    "StopIteration",
    "SystemError",
    "RuntimeError",
)
_STUMBLES = re.compile(r"object (is not|has no attribute)|cannot unpack|argument after \*\* must be")


def accepted(snippet: str, found: Collection[str]) -> dict[str, str]:
    """The reasons why a snippet may differ, by aspect; a missing difference that is certain counts as found."""
    reasons: dict[str, str] = {}
    for part, aspect, reason in INTENDED:
        if part == snippet:
            reasons |= dict.fromkeys((found or ["any"]) if aspect == "any" else [aspect], reason)
        elif part in snippet:
            reasons |= {name: reason for name in found if aspect in (name, "any")}
    return reasons


def stumbles(ours: str, theirs: str) -> bool:
    """Whether PyMongo raises an error by accident where petiole says what is wrong."""
    return theirs.startswith(tuple(f"raises {name}" for name in _ACCIDENTS)) and ours.startswith(
        ("raises TypeError", "raises ValueError")
    )


def is_accidental(message: str) -> bool:
    """Whether a message of PyMongo's is the interpreter's."""
    return bool(_STUMBLES.search(message))
