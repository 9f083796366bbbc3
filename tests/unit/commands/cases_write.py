"""The single writes: what an application writes, and petiole's body for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from petiole._commands import delete, find_and_modify, insert, update
from petiole.collation import Collation

Case = Callable[[], Any]
NAME = "c"


def _insert_one(document: Any, bypass: bool | None = None, comment: Any = None) -> Case:
    return lambda: (
        insert.insert_options_body(NAME, True, bypass, comment)
        | {"documents": [insert.checked_document(document)]}
    )


def _insert_many(documents: Any, ordered: bool = True, bypass: bool | None = None) -> Case:
    return lambda: (
        insert.insert_options_body(NAME, ordered, bypass, None)
        | {"documents": insert.checked_documents(documents)}
    )


def _update(
    filter: Any,
    change: Any,
    multi: bool = False,
    upsert: Any = False,
    body: Mapping[str, Any] = MappingProxyType({}),
    **options: Any,
) -> Case:
    return lambda: (
        update.update_options_body(NAME, **body)
        | {"updates": [update.update_statement(filter, change, multi, upsert, **options)]}
    )


def _replace(
    filter: Any,
    replacement: Any,
    upsert: Any = False,
    body: Mapping[str, Any] = MappingProxyType({}),
    **options: Any,
) -> Case:
    return lambda: (
        update.update_options_body(NAME, **body)
        | {"updates": [update.replace_statement(filter, replacement, upsert, **options)]}
    )


def _delete(
    filter: Any, multi: bool = False, body: Mapping[str, Any] = MappingProxyType({}), **options: Any
) -> Case:
    return lambda: (
        delete.delete_options_body(NAME, **body)
        | {"deletes": [delete.delete_statement(filter, multi, **options)]}
    )


def _modify(kind: str, *args: Any, **options: Any) -> Case:
    build = getattr(find_and_modify, f"find_one_and_{kind}_body")
    return lambda: build(NAME, *args, find_and_modify.Options(**options))


_SET = {"$set": {"b": 1}}
CASES: dict[str, Case] = {
    "c.insert_one({'_id': 1})": lambda: insert.insert_body(NAME) | {"documents": [{"_id": 1}]},
    "c.insert_one({'_id': 2}, bypass_document_validation=True, comment='c')": _insert_one(
        {"_id": 2}, True, "c"
    ),
    "c.insert_one({'_id': 3}, bypass_document_validation=False, comment='')": _insert_one(
        {"_id": 3}, False, ""
    ),
    "c.insert_one(5)": _insert_one(5),
    "c.insert_one([])": _insert_one([]),
    "c.insert_one(None)": _insert_one(None),
    "c.insert_one(MappingProxyType({'a': 1}))": _insert_one(MappingProxyType({"a": 1})),
    "c.insert_many([{'_id': 4}, {'_id': 5}], False, True)": _insert_many(
        [{"_id": 4}, {"_id": 5}], False, True
    ),
    "c.insert_many(iter([{'_id': 6}]))": lambda: _insert_many(iter([{"_id": 6}]))(),
    "c.insert_many([])": _insert_many([]),
    "c.insert_many(iter([]))": _insert_many(iter([])),
    "c.insert_many({'a': 1})": _insert_many({"a": 1}),
    "c.insert_many('abc')": _insert_many("abc"),
    "c.insert_many(5)": _insert_many(5),
    "c.insert_many([5])": _insert_many([5]),
    "c.update_one({'_id': 1}, {'$set': {'b': 1}})": lambda: (
        update.update_body(NAME) | {"updates": [update.update_statement({"_id": 1}, _SET, False, False)]}
    ),
    "c.update_one({}, {'$set': {'b': 1}}, True, True, {'locale': 'en'}, [{'x': 1}], '_id_', let={'a': 1},"
    " comment='c')": _update(
        {},
        _SET,
        upsert=True,
        body={"bypass_document_validation": True, "let": {"a": 1}, "comment": "c"},
        collation={"locale": "en"},
        array_filters=[{"x": 1}],
        hint="_id_",
    ),
    "c.update_one({}, {'$set': {'b': 1}}, collation=Collation('en'), array_filters=[], hint=[('_id', 1)],"
    " let={}, comment='', sort={'a': 1})": _update(
        {},
        _SET,
        body={"let": {}, "comment": ""},
        collation=Collation("en"),
        array_filters=[],
        hint=[("_id", 1)],
        sort={"a": 1},
    ),
    "c.update_many({}, [{'$set': {'z': 1}}], True)": _update({}, [{"$set": {"z": 1}}], True, True),
    "c.update_one({}, {})": _update({}, {}),
    "c.update_one({}, [])": _update({}, []),
    "c.update_one({}, [{}])": _update({}, [{}]),
    "c.update_one({}, ())": _update({}, ()),
    "c.update_one({}, None)": _update({}, None),
    "c.update_one({}, {'a': 1})": _update({}, {"a": 1}),
    "c.update_one({}, {'$set': {'a': 1}, 'b': 1})": _update({}, {"$set": {"a": 1}, "b": 1}),
    "c.update_one(5, {'$set': {'b': 1}})": _update(5, _SET),
    "c.update_one(None, {'$set': {'b': 1}})": _update(None, _SET),
    "c.update_one({}, {'$set': {'b': 1}}, upsert=1)": _update({}, _SET, upsert=1),
    "c.update_one({}, {'$set': {'b': 1}}, upsert=None)": _update({}, _SET, upsert=None),
    "c.update_one({}, {'$set': {'b': 1}}, array_filters={})": _update({}, _SET, array_filters={}),
    "c.update_one({}, {'$set': {'b': 1}}, hint=5)": _update({}, _SET, hint=5),
    "c.update_one({}, {'$set': {'b': 1}}, hint=[])": _update({}, _SET, hint=[]),
    "c.update_one({}, {'$set': {'b': 1}}, collation=5)": _update({}, _SET, collation=5),
    "c.update_one({}, {'$set': {'b': 1}}, let=5)": _update({}, _SET, body={"let": 5}),
    "c.update_one({}, {'$set': {'b': 1}}, sort=5)": _update({}, _SET, sort=5),
    "c.update_one({}, {'$set': {'b': 1}}, sort=[('a', 1)])": _update({}, _SET, sort=[("a", 1)]),
    "c.replace_one({}, {'r': 1}, True, False, hint={'_id': 1}, sort={'a': 1})": _replace(
        {}, {"r": 1}, True, {"bypass_document_validation": False}, hint={"_id": 1}, sort={"a": 1}
    ),
    "c.replace_one({}, {})": _replace({}, {}),
    "c.replace_one({}, {'$set': 1})": _replace({}, {"$set": 1}),
    "c.replace_one({}, {'a': 1, '$b': 1})": _replace({}, {"a": 1, "$b": 1}),
    "c.replace_one({}, [{'$set': 1}])": _replace({}, [{"$set": 1}]),
    "c.delete_one({'_id': 1})": lambda: (
        delete.delete_body(NAME) | {"deletes": [delete.delete_statement({"_id": 1}, False)]}
    ),
    "c.delete_one({}, {'locale': 'en'}, '_id_', let={'a': 1}, comment='c')": _delete(
        {}, False, {"let": {"a": 1}, "comment": "c"}, collation={"locale": "en"}, hint="_id_"
    ),
    "c.delete_many({}, hint=[('_id', 1)], let={})": _delete({}, True, {"let": {}}, hint=[("_id", 1)]),
    "c.delete_one(5)": _delete(5),
    "c.delete_one({}, hint=4)": _delete({}, hint=4),
    "c.delete_one({}, collation=4)": _delete({}, collation=4),
    "c.delete_one({}, let=4)": _delete({}, body={"let": 4}),
    "c.find_one_and_update({}, {'$set': {'b': 1}})": _modify("update", {}, _SET),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, {'a': 1}, [('a', 1)], True, True, [{'x': 1}], '_id_', None,"
    " {'l': 1}, 'c', maxTimeMS=5, collation={'locale': 'en'}, bypassDocumentValidation=True)": _modify(
        "update",
        {},
        _SET,
        projection={"a": 1},
        sort=[("a", 1)],
        upsert=True,
        return_document=True,
        array_filters=[{"x": 1}],
        hint="_id_",
        let={"l": 1},
        comment="c",
        extra={"maxTimeMS": 5, "collation": {"locale": "en"}, "bypassDocumentValidation": True},
    ),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, ['a'], sort={'a': 1}, array_filters=[], let={}, comment='')": (
        _modify("update", {}, _SET, projection=["a"], sort={"a": 1}, array_filters=[], let={}, comment="")
    ),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, [])": _modify("update", {}, _SET, projection=[]),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, 5)": _modify("update", {}, _SET, projection=5),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, sort=[])": _modify("update", {}, _SET, sort=[]),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, sort='a')": _modify("update", {}, _SET, sort="a"),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, upsert=1)": _modify("update", {}, _SET, upsert=1),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, return_document=1)": _modify(
        "update", {}, _SET, return_document=1
    ),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, array_filters={})": _modify(
        "update", {}, _SET, array_filters={}
    ),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, query={'a': 5}, fields={'a': 1}, new=True)": _modify(
        "update", {}, _SET, extra={"query": {"a": 5}, "fields": {"a": 1}, "new": True}
    ),
    "c.find_one_and_update({}, {'$set': {'b': 1}}, collation=5)": _modify(
        "update", {}, _SET, extra={"collation": 5}
    ),
    "c.find_one_and_update({}, {'a': 1})": _modify("update", {}, {"a": 1}),
    "c.find_one_and_update(5, {'$set': {'b': 1}})": _modify("update", 5, _SET),
    "c.find_one_and_replace({}, {'a': 1}, {'a': 1}, {'a': 1}, True, True, '_id_', None, {'l': 1}, 'c')": (
        _modify(
            "replace",
            {},
            {"a": 1},
            projection={"a": 1},
            sort={"a": 1},
            upsert=True,
            return_document=True,
            hint="_id_",
            let={"l": 1},
            comment="c",
        )
    ),
    "c.find_one_and_replace({}, {'$a': 1})": _modify("replace", {}, {"$a": 1}),
    "c.find_one_and_delete({}, {'a': 1}, {'a': 1}, '_id_', None, {'l': 1}, 'c', maxTimeMS=5)": _modify(
        "delete",
        {},
        projection={"a": 1},
        sort={"a": 1},
        hint="_id_",
        let={"l": 1},
        comment="c",
        extra={"maxTimeMS": 5},
    ),
    "c.find_one_and_delete({}, hint=4)": _modify("delete", {}, hint=4),
    "c.find_one_and_delete({}, let=4)": _modify("delete", {}, let=4),
}
