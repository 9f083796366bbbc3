"""The writes of a 3.x collection that 4.x removed: insert, save, update, remove, find_and_modify.

Owns their arguments and results of then. What is sent are today's commands, with the write concern of the call.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from petiole._commands.bulk import Options, insert_run
from petiole._commands.delete import Delete, DeleteMany, delete_body, delete_statement
from petiole._commands.errors import write_concern_error
from petiole._commands.find_and_modify import FindAndModify
from petiole._commands.index_keys import index_document, projection_document
from petiole._commands.update import Update, UpdateMany, update_body, update_result
from petiole._native import run
from petiole.bson.errors import InvalidDocument
from petiole.bson.objectid import ObjectId
from petiole.collation import validate_collation_or_none
from petiole.collection import Collection as TodaysCollection
from petiole.errors import BulkWriteError, DuplicateKeyError, InvalidOperation, WriteConcernError, WriteError
from petiole.legacy.deprecation import deprecated
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole._commands.base import BatchCommand

_DUPLICATE_KEY = (11000, 11001, 12582)
_MAPPING = "an instance of dict, bson.son.SON, or any other type that inherits from collections.Mapping"
_DOCUMENT = (
    "an instance of dict, bson.son.SON, bson.raw_bson.RawBSONDocument, or a type that inherits from "
    "collections.MutableMapping"
)
_SORT = "sort must be a list of (key, direction) pairs, a dict of len 1, or an instance of SON or OrderedDict"


class LegacyWrites(TodaysCollection[Any]):
    """`kwargs` of `insert`, `save`, `update` and `remove` are a write concern: `w`, `wtimeout`, `j`, `fsync`.

    Also `safe` of before 3.0: False is `w=0`, True the server's default where nothing else is said.
    """

    def insert(
        self,
        doc_or_docs: Any,
        manipulate: bool = True,
        check_keys: bool = True,
        continue_on_error: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Insert one document, or many; the `_id`, or the list of them.

        :param manipulate: whether documents without an `_id` are given one, and manipulators see them.
        :param check_keys: whether a single document with a dot, or a dollar sign in front, in a key raises
            `InvalidDocument`.
        :param continue_on_error: whether what comes after a failure is tried all the same.
        :raises DuplicateKeyError, WriteError: for the first that failed, or the last with `continue_on_error`.
        """
        deprecated("insert is deprecated. Use insert_one or insert_many instead.")
        if isinstance(doc_or_docs, Mapping):
            if check_keys:
                check_document_keys(doc_or_docs)
            return self._insert_single(doc_or_docs, manipulate, kwargs)
        return self._insert_all(list(doc_or_docs), manipulate, not continue_on_error, kwargs)

    def _insert_single(self, document: Any, manipulate: bool, concern: dict[str, Any]) -> Any:
        try:
            return self._insert_all([document], manipulate, True, concern)[0]
        except WriteError as error:
            if error.details is not None:
                error.details.pop("op", None)  # type: ignore[attr-defined]
            raise

    def _insert_all(
        self, documents: list[Any], manipulate: bool, ordered: bool, concern: dict[str, Any]
    ) -> list[Any]:
        writer = self._writing(concern)
        if not documents:
            raise InvalidOperation("No operations to execute")
        prepared = [self._prepared(document) for document in documents] if manipulate else documents
        ids = [document.get("_id") for document in prepared]
        try:
            run(writer._execute_bulk([insert_run(prepared)], Options(ordered=ordered), None, []))
        except BulkWriteError as error:
            raise single_error(error) from None
        return ids

    def _prepared(self, document: Any) -> Any:
        if "_id" not in document:
            document["_id"] = ObjectId()
        database: Any = self._database
        return database._transform_incoming(document, self) if database._incoming else document

    def save(self, to_save: Any, manipulate: bool = True, check_keys: bool = True, **kwargs: Any) -> Any:
        """Insert a document, or replace the one with its `_id`; the `_id`.

        Raises `TypeError` if it is no document.
        """
        deprecated("save is deprecated. Use insert_one or replace_one instead")
        if not isinstance(to_save, MutableMapping) and not hasattr(to_save, "raw"):
            raise TypeError(f"to_save must be {_DOCUMENT}")
        if "_id" not in to_save:
            if check_keys:
                check_document_keys(to_save)
            return self._insert_single(to_save, manipulate, kwargs)
        document = self._prepared(to_save) if manipulate else to_save
        self._update_by({"_id": to_save["_id"]}, document, True, False, kwargs)
        return to_save["_id"]

    def update(
        self,
        spec: Mapping[str, Any],
        document: Any,
        upsert: bool = False,
        manipulate: bool = False,
        multi: bool = False,
        check_keys: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Change or replace the first document that matches, or with `multi` change all.

        The result is a dict as `{'n': 1, 'nModified': 1, 'ok': 1.0, 'updatedExisting': True}`; None with `w=0`.
        """
        deprecated("update is deprecated. Use replace_one, update_one or update_many instead.")
        if not isinstance(spec, Mapping):
            raise TypeError(f"spec must be {_MAPPING}")
        if not isinstance(document, (Mapping, list)):
            raise TypeError(f"document must be {_MAPPING}")
        if not isinstance(upsert, bool):
            raise TypeError("upsert must be True or False")
        replaces = not isinstance(document, list) and not next(iter(document), "").startswith("$")
        if manipulate and replaces:
            database: Any = self._database
            document = database._transform_incoming(document, self)
        return self._update_by(spec, document, upsert, multi, kwargs)

    def _update_by(self, spec: Any, change: Any, upsert: bool, multi: bool, options: dict[str, Any]) -> Any:
        statement: dict[str, Any] = {"q": spec, "u": change, "multi": multi, "upsert": upsert}
        collation = validate_collation_or_none(options.pop("collation", None))
        if collation is not None:
            statement["collation"] = collation
        writer = self._writing(options)
        kind: type[BatchCommand] = UpdateMany if multi else Update
        reply = run(writer._write(kind, update_body(self._name), statement, None, None))
        return None if reply is None else update_result(reply, self._options.reply_codec)

    def remove(self, spec_or_id: Any = None, multi: bool = True, **kwargs: Any) -> Any:
        """Remove all documents that match, or the one with that `_id`; all there are for None.

        :param multi: False removes the first that matches.
        :returns: a dict as `{'n': 1, 'ok': 1.0}`.
        """
        deprecated("remove is deprecated. Use delete_one or delete_many instead.")
        spec = {} if spec_or_id is None else spec_or_id
        if not isinstance(spec, Mapping):
            spec = {"_id": spec}
        statement = delete_statement(spec, multi, kwargs.pop("collation", None))
        writer = self._writing(kwargs)
        kind: type[BatchCommand] = DeleteMany if multi else Delete
        reply = run(writer._write(kind, delete_body(self._name), statement, None, None))
        return {"ok": 1} if reply is None else reply.document(self._options.reply_codec)

    def find_and_modify(
        self,
        query: Mapping[str, Any] | None = None,
        update: Any = None,
        upsert: bool = False,
        sort: Any = None,
        full_response: bool = False,
        manipulate: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Change or remove one document, and return it as it was, or with `new` as it is.

        :param sort: (key, direction) pairs, which say which of several; a mapping warns.
        :param full_response: whether to return the server's whole reply.
        :param kwargs: fields of the command, as `remove`, `new`, `fields`.
        :raises ValueError: if neither or both of `update` and `remove` are asked for.
        """
        deprecated(
            "find_and_modify is deprecated, use find_one_and_delete, find_one_and_replace, or find_one_and_update "
            "instead"
        )
        if not update and not kwargs.get("remove"):
            raise ValueError("Must either update or remove")
        if update and kwargs.get("remove"):
            raise ValueError("Can't do both update and remove")
        body: dict[str, Any] = {"findAndModify": self._name, **kwargs}
        if query:
            body["query"] = query
        if update:
            body["update"] = update
        if upsert:
            body["upsert"] = upsert
        if sort:
            body["sort"] = _sort(sort)
        if body.get("fields") is not None:
            body["fields"] = projection_document(body["fields"], "fields")
        reply = run(self._run_find_and_modify(body))
        found = reply.get("value")
        if manipulate and found is not None:
            database: Any = self._database
            found = reply["value"] = database._transform_outgoing(found, self)
        return reply if full_response else found

    async def _run_find_and_modify(self, body: dict[str, Any]) -> Any:
        options = self._options
        concern = body.pop("writeConcern", None)
        if concern is not None:
            options = options.replaced(None, None, WriteConcern(**concern), None)
        command = FindAndModify(
            self._database_name,
            body,
            options.codec,
            concern=options.write,
            write_concern=options.write_concern,
        )
        reply = await self._executor.run(command)
        if reply is None:
            return {"value": None, "ok": 1}
        document: Any = reply.document(options.codec)
        error = write_concern_error(document)
        if error is not None:
            raise error
        return document

    def _writing(self, concern: dict[str, Any]) -> TodaysCollection[Any]:
        """This collection with the write concern of one call."""
        given = dict(concern)
        safe = given.pop("safe", None)
        if safe is False:
            given.setdefault("w", 0)
        if not given and safe is None:
            return self
        made: TodaysCollection[Any] = self.with_options(write_concern=WriteConcern(**given))
        return made


def check_document_keys(document: Any) -> None:
    """Raise `InvalidDocument` for keys that servers of then could not store, at any depth."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if isinstance(key, str):
                if key.startswith("$"):
                    raise InvalidDocument(f"key {key!r} must not start with '$'")
                if "." in key:
                    raise InvalidDocument(f"key {key!r} must not contain '.'")
            check_document_keys(value)
    elif isinstance(document, (list, tuple)):
        for value in document:
            check_document_keys(value)


def single_error(error: BulkWriteError) -> Exception:
    """The error of the last write that failed, as `insert` raises it."""
    details: Any = error.details
    failed = details["writeErrors"]
    if failed:
        last = failed[-1]
        kind = DuplicateKeyError if last.get("code") in _DUPLICATE_KEY else WriteError
        return kind(last.get("errmsg", ""), last.get("code"), last)
    last = details["writeConcernErrors"][-1]
    return WriteConcernError(last.get("errmsg", ""), last.get("code"), last)


def _sort(sort: Any) -> Any:
    if isinstance(sort, list):
        return index_document(sort)
    if not isinstance(sort, Mapping) or (type(sort) is dict and len(sort) != 1):
        raise TypeError(_SORT)
    deprecated(
        "Passing mapping types for `sort` is deprecated, use a list of (key, direction) pairs instead", 4
    )
    return sort
