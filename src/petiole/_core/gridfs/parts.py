"""The collections of a bucket, and what all operations on them have in common."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

from petiole._engine.scope import bound_session
from petiole.bson.codec_options import CodecOptions, TypeRegistry
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from petiole._core.collection import CoreCollection
    from petiole._core.options import Options
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole.read_preferences import _ServerMode

_NO_TYPES = TypeRegistry()


def plain(options: Options, read_preference: _ServerMode | None = None) -> Options:
    """The options without custom types, which documents of files and chunks are not meant for."""
    codec_options: CodecOptions[Any] | None = options.codec_options
    if codec_options is not None and codec_options.type_registry == _NO_TYPES:
        codec_options = None
    elif codec_options is not None:
        codec_options = codec_options.with_options(type_registry=_NO_TYPES)
    return options.replaced(codec_options, read_preference, None, None)


def of_dicts(options: Options) -> Options:
    """The options for documents that only GridFS sees."""
    return options.replaced(options.codec_options.with_options(document_class=dict), None, None, None)


def part(
    root: CoreCollection[Any], name: str, read_preference: _ServerMode | None = None
) -> CoreCollection[Any]:
    """One of the two collections below `root`; of the same face."""
    found: CoreCollection[Any] = root._sibling(f"{root._name}.{name}", plain(root._options, read_preference))
    return found


def check_root(root: Any, kind: type) -> None:
    """Raise `TypeError` for what is no collection of that face."""
    if not isinstance(root, kind):
        raise TypeError(f"root_collection must be an instance of {kind.__name__}, not {type(root)}")


def check_database(database: Any, kind: type) -> None:
    """Raise `TypeError` for what is no database of that face."""
    if not isinstance(database, kind):
        raise TypeError(f"database must be an instance of {kind.__name__}, not {type(database)}")


def warn_of_field(kind: str, key: str, frames: int = 1) -> None:
    """Warn whoever uses a field that files are not to have any more (GridFS specification, "Files Collection").

    `frames` of ours stand between the use and this function.
    """
    message = f"{kind} property {key!r} is deprecated, use a field of the file's metadata instead"
    warnings.warn(message, DeprecationWarning, stacklevel=frames + 2)


def refuse_transaction(executor: Executor, session: Session | None) -> None:
    """Raise `InvalidOperation` in a transaction: a file is written and read by several commands."""
    session = bound_session(executor, session)
    if session is not None and getattr(session, "in_transaction", False):
        raise InvalidOperation("GridFS does not support multi-document transactions")


async def settled(value: Any) -> Any:
    """What a method of an application's file returned, awaited where it has to be."""
    return await value if inspect.isawaitable(value) else value
