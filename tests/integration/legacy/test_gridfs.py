"""Files as 3.x stored them: with an MD5, unless that is not wanted."""

import hashlib
import io
from typing import Any

import pytest

from petiole.legacy import Database
from petiole.legacy.grid_file import GridFS, GridFSBucket, GridIn

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DATA = b"petiole" * 100_000
MD5 = hashlib.md5(DATA).hexdigest()


def test_put_and_get(database: Database) -> None:
    files = GridFS(database)
    number = files.put(DATA, filename="a")
    found = files.get(number)
    assert (found.md5, found.read()) == (MD5, DATA)
    assert files.get(files.put(io.BytesIO(DATA))).md5 == MD5
    assert files.get(files.put(b"")).md5 == hashlib.md5(b"").hexdigest()


def test_in_pieces(database: Database) -> None:
    with GridFS(database).new_file(chunk_size=7) as file:
        for start in range(0, 100, 10):
            file.write(DATA[start : start + 10])
    assert file.md5 == hashlib.md5(DATA[:100]).hexdigest()
    assert isinstance(file, GridIn)


def test_disable_md5(database: Database) -> None:
    files = GridFS(database, disable_md5=True)
    assert files.get(files.put(DATA)).md5 is None
    bucket = GridFSBucket(database, disable_md5=True)
    assert "md5" not in database.fs.files.find_one(bucket.upload_from_stream("b", DATA))
    with GridIn(database.fs, disable_md5=True) as file:
        file.write(DATA)
    assert file.md5 is None


def test_bucket(database: Database) -> None:
    bucket = GridFSBucket(database, "other", chunk_size_bytes=1000)
    number = bucket.upload_from_stream("a", io.BytesIO(DATA))
    stored: Any = database.other.files.find_one(number)
    assert (stored["md5"], stored["chunkSize"], stored["length"]) == (MD5, 1000, len(DATA))
    with bucket.open_upload_stream("b") as file:
        file.write(DATA)
    assert bucket.open_download_stream_by_name("b").md5 == MD5
