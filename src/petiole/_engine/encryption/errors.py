"""Which errors are those of encryption: all that befall it, but those of values that cannot be BSON."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from petiole.bson.errors import BSONError
from petiole.errors import EncryptionError


@contextmanager
def encryption_errors() -> Generator[None, None, None]:
    """Makes every other error of a block an `EncryptionError`, whose `cause` it is."""
    try:
        yield
    except (BSONError, EncryptionError):
        raise
    except Exception as error:
        raise EncryptionError(error) from error
