"""A program of 1.x, as tutorials of then had it, runs by the alias, and says what it said."""

import subprocess
import sys
from pathlib import Path

import pytest

from petiole.local import LocalServer

PROGRAM = """
import datetime, sys
import pymongo
from pymongo import Connection, ASCENDING, DESCENDING
from pymongo.errors import AutoReconnect, ConnectionFailure, DuplicateKeyError
from bson.objectid import ObjectId
from bson.son import SON
import gridfs

try:
    connection = Connection("localhost", 1)
except ConnectionFailure:
    print("nobody there")
connection = Connection(sys.argv[1], int(sys.argv[2]))
db = connection.test_database
collection = db["test-collection"]
post = {"author": "Mike", "text": "My first blog post!", "tags": ["mongodb", "python"],
        "date": datetime.datetime(2009, 11, 12, 11, 14)}
posts = db.posts
_id = posts.insert(post)
print(isinstance(_id, ObjectId), db.collection_names())
print(posts.find_one({"author": "Mike"})["_id"] == _id, posts.find_one({"author": "Eliot"}))
posts.insert([{"author": "Mike", "text": "Another post!", "date": datetime.datetime(2009, 11, 12, 11, 14)},
              {"author": "Eliot", "title": "MongoDB is fun", "date": datetime.datetime(2009, 11, 10, 10, 45)}])
for found in posts.find({"author": "Mike"}).sort("text", DESCENDING):
    print(found["text"])
print(posts.count(), posts.find({"author": "Mike"}).count())
d = datetime.datetime(2009, 11, 12, 12)
for found in posts.find({"date": {"$lt": d}}).sort("author"):
    print(found["author"])
print(posts.create_index([("date", DESCENDING), ("author", ASCENDING)]))
posts.ensure_index("slug", unique=True, sparse=True)
posts.update({"author": "Eliot"}, {"$set": {"slug": "fun"}}, safe=True)
try:
    posts.insert({"slug": "fun"}, safe=True)
except DuplicateKeyError:
    print("twice")
print(db.command(SON([("count", "posts")]))["n"])
fs = gridfs.GridFS(db)
print(fs.get(fs.put(b"hello world")).read())
connection.end_request()
connection.drop_database("test_database")
connection.disconnect()
print(pymongo.version)
"""
SAID = """\
nobody there
True ['posts']
True None
My first blog post!
Another post!
3 2
Eliot
Mike
Mike
date_-1_author_1
twice
3
b'hello world'
"""


@pytest.mark.parametrize(("era", "version"), [("1", "1.11"), ("2", "2.9.5")])
def test_a_tutorial_of_then(standalone: LocalServer, tmp_path: Path, era: str, version: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    host, port = standalone.address
    command = [sys.executable, "-m", "petiole.compat", "--era", era, str(program), host, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == SAID + version + "\n", done.stderr
