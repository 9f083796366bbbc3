"""Commands on whole collections (specifications: Enumerating Collections; Collection Management).

Pure. Owns `create`, `drop`, `renameCollection`, `listCollections`, `validate`, and how their replies are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from petiole._commands.base import Command, Retry
from petiole._commands.error_codes import NAMESPACE_NOT_FOUND
from petiole.collation import validate_collation_or_none
from petiole.errors import CollectionInvalid, InvalidName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Create(Command):
    """A `create`."""

    name = "create"

    __slots__ = ()


class Drop(Command):
    """A `drop`; that there is no such collection is no error."""

    name = "drop"
    allowed: ClassVar[frozenset[int]] = frozenset({NAMESPACE_NOT_FOUND})

    __slots__ = ()


class RenameCollection(Command):
    """A `renameCollection`, sent to the database `admin`."""

    name = "renameCollection"

    __slots__ = ()


class ListCollections(Command):
    """A `listCollections`; retried once as a read."""

    name = "listCollections"
    reads = True
    retry = Retry.READ

    __slots__ = ()


class Validate(Command):
    """A `validate` of a collection's data."""

    name = "validate"
    reads = True
    ruled_by = Retry.READ

    __slots__ = ()


def check_name(name: Any, option: str = "name") -> str:
    """`name` if a collection can be called so.

    :raises TypeError: if it is no string.
    :raises InvalidName: if the server would not take it.
    """
    if not isinstance(name, str):
        raise TypeError(f"{option} must be an instance of str, not {type(name)}")
    if not name or ".." in name:
        raise InvalidName("collection names cannot be empty")
    if "$" in name and not name.startswith(("oplog.$main", "$cmd")):
        raise InvalidName(f"collection names must not contain '$': {name!r}")
    if name[0] == "." or name[-1] == ".":
        raise InvalidName(f"collection names must not start or end with '.': {name!r}")
    if "\x00" in name:
        raise InvalidName("collection names must not contain the null character")
    return name


def create_body(name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a `create` with the options by the command's own names."""
    body: dict[str, Any] = {"create": name}
    if options:
        for key, value in options.items():
            if key == "collation":
                continue
            # A double, as the shell sends: numbers beyond int32 were not accepted otherwise.
            body[key] = float(value) if key == "size" else value
        collation = validate_collation_or_none(options.get("collation"))
        if collation is not None:
            body["collation"] = collation
    return body


def drop_body(name: str, comment: Any = None) -> dict[str, Any]:
    """The body of a `drop`."""
    return {"drop": name} if comment is None else {"drop": name, "comment": comment}


def rename_body(
    database: str, name: str, new_name: Any, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `renameCollection` within one database.

    :raises TypeError: if `new_name` is no string.
    :raises InvalidName: if the server would not take it.
    """
    check_name(new_name, "new_name")
    body: dict[str, Any] = {
        "renameCollection": f"{database}.{name}",
        "to": f"{database}.{new_name}",
        **(options or {}),
    }
    if comment is not None:
        body["comment"] = comment
    return body


def list_collections_body(
    filter: Mapping[str, Any] | None = None, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `listCollections`."""
    body: dict[str, Any] = {"listCollections": 1, "cursor": {}, **(options or {})}
    if filter is not None:
        body["filter"] = filter
    if comment is not None:
        body["comment"] = comment
    return body


def list_collection_names_body(
    filter: Mapping[str, Any] | None = None, comment: Any = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a `listCollections` of which only the names are wanted.

    With `nameOnly` the server takes no locks, but then a filter can speak of the name and the type only; the
    specification asks for `nameOnly` where the filter speaks of nothing but the name.
    """
    fields = dict(options) if options else {}
    if not filter or (len(filter) == 1 and "name" in filter):
        fields["nameOnly"] = True
    return list_collections_body(filter, comment, fields)


def exists_body(name: str) -> dict[str, Any]:
    """The body of a `listCollections` that finds out whether there is a collection."""
    return {"listCollections": 1, "cursor": {}, "nameOnly": True, "filter": {"name": name}}


def already_exists(name: str) -> CollectionInvalid:
    """The error for creating a collection that is there."""
    return CollectionInvalid(f"collection {name} already exists")


def collection_options(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The options of the one collection that was listed, without its name; none where there is none."""
    for document in documents:
        options = dict(document.get("options") or {})
        options.pop("create", None)  # Old servers keep the name here.
        return options
    return {}


def validate_body(
    name: str, scandata: bool = False, full: bool = False, background: bool | None = None, comment: Any = None
) -> dict[str, Any]:
    """The body of a `validate`."""
    body: dict[str, Any] = {"validate": name, "scandata": scandata, "full": full}
    if comment is not None:
        body["comment"] = comment
    if background is not None:
        body["background"] = background
    return body


def check_validation(name: str, reply: Mapping[str, Any]) -> None:
    """Look for what `validate` found; a mongos answers with one document per shard, under `raw`.

    :raises CollectionInvalid: if the data of some shard are damaged.
    """
    results = (reply.get("raw") or {"": reply}).values()
    for result in results:
        text = result.get("result", "")
        if "exception" in text or "corrupt" in text:
            raise CollectionInvalid(f"{name} invalid: {text}")
        if not result.get("valid", True):
            raise CollectionInvalid(f"{name} invalid: {result!r}")
