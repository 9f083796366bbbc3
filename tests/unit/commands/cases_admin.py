"""Indexes, collections, databases and `command`: what an application writes, and petiole's body for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from petiole._commands import aggregate, collections, databases, indexes, run_command
from petiole.collation import Collation
from petiole.operations import IndexModel, SearchIndexModel

Case = Callable[[], Any]
NAME = "c"


def _create_index(keys: Any, comment: Any = None, command: Any = None, **options: Any) -> Case:
    return lambda: indexes.create_indexes_body(NAME, [IndexModel(keys, **options).document], comment, command)


CASES: dict[str, Case] = {
    "c.create_index('a')": _create_index("a"),
    "c.create_index([('a', 1), ('b', -1)], unique=True, name='foo', collation={'locale': 'en'}, comment='c',"
    " maxTimeMS=500)": _create_index(
        [("a", 1), ("b", -1)],
        "c",
        {"maxTimeMS": 500},
        unique=True,
        name="foo",
        collation={"locale": "en"},
    ),
    "c.create_index({'t': 'text'}, weights={'a': 3})": _create_index({"t": "text"}, weights={"a": 3}),
    "c.create_indexes([IndexModel('t'), IndexModel([('u', 1)], name='uu')], comment='c', commitQuorum=1)": (
        lambda: indexes.create_indexes_body(
            NAME,
            indexes.index_documents([IndexModel("t"), IndexModel([("u", 1)], name="uu")]),
            "c",
            {"commitQuorum": 1},
        )
    ),
    "c.create_indexes([])": lambda: indexes.create_indexes_body(NAME, indexes.index_documents([])),
    "c.create_indexes([5])": lambda: indexes.index_documents([5]),
    "c.create_indexes(5)": lambda: indexes.index_documents(5),
    "c.drop_index('a_1')": lambda: indexes.drop_index_body(NAME, "a_1"),
    "c.drop_index([('t', 1), ('u', -1)], comment='c', maxTimeMS=3)": lambda: indexes.drop_index_body(
        NAME, [("t", 1), ("u", -1)], "c", {"maxTimeMS": 3}
    ),
    "c.drop_index(5)": lambda: indexes.drop_index_body(NAME, 5),
    "c.drop_index({'q': 1})": lambda: indexes.drop_index_body(NAME, {"q": 1}),
    "c.drop_indexes(comment=3, maxTimeMS=30)": lambda: indexes.drop_indexes_body(NAME, 3, {"maxTimeMS": 30}),
    "c.list_indexes()": lambda: indexes.list_indexes_body(NAME),
    "c.index_information(comment=4)": lambda: indexes.list_indexes_body(NAME, 4),
    "c.create_search_index({'definition': {'m': 1}})": lambda: indexes.create_search_indexes_body(
        NAME, indexes.search_index_documents([SearchIndexModel(definition={"m": 1})])
    ),
    "c.create_search_indexes([SearchIndexModel({'m': 1}, name='s', type='x')], comment='c', maxTimeMS=4)": (
        lambda: indexes.create_search_indexes_body(
            NAME,
            indexes.search_index_documents([SearchIndexModel({"m": 1}, name="s", type="x")]),
            "c",
            {"maxTimeMS": 4},
        )
    ),
    "c.create_search_indexes([{}])": lambda: indexes.search_index_documents([{}]),
    "c.update_search_index('s', {'a': 1}, comment='c', maxTimeMS=3)": lambda: (
        indexes.update_search_index_body(NAME, "s", {"a": 1}, "c", {"maxTimeMS": 3})
    ),
    "c.drop_search_index('s', comment='c', maxTimeMS=3)": lambda: indexes.drop_search_index_body(
        NAME, "s", "c", {"maxTimeMS": 3}
    ),
    "c.list_search_indexes()": lambda: aggregate.build(NAME, indexes.list_search_indexes_pipeline()).body,
    "c.list_search_indexes('s', comment='c', batchSize=4)": lambda: (
        aggregate.build(NAME, indexes.list_search_indexes_pipeline("s"), None, "c", {"batchSize": 4}).body
    ),
    "db.create_collection('c', check_exists=False)": lambda: collections.create_body(NAME),
    "db.create_collection('c', check_exists=False, capped=True, size=9, max=5, collation=Collation('en'),"
    " comment='c')": lambda: collections.create_body(
        NAME, {"capped": True, "size": 9, "max": 5, "collation": Collation("en"), "comment": "c"}
    ),
    "db.create_collection('c', check_exists=False, viewOn='n', pipeline=[])": lambda: collections.create_body(
        NAME, {"viewOn": "n", "pipeline": []}
    ),
    "db.create_collection('c', check_exists=False, collation=5)": lambda: collections.create_body(
        NAME, {"collation": 5}
    ),
    "db.create_collection('c')": lambda: collections.exists_body(NAME),
    "c.drop()": lambda: collections.drop_body(NAME),
    "db.drop_collection('c', comment='c')": lambda: collections.drop_body(NAME, "c"),
    "c.rename('d', comment='c', dropTarget=True)": lambda: collections.rename_body(
        "t", NAME, "d", "c", {"dropTarget": True}
    ),
    "c.rename(5)": lambda: collections.rename_body("t", NAME, 5),
    "c.rename('')": lambda: collections.rename_body("t", NAME, ""),
    "c.rename('a..b')": lambda: collections.rename_body("t", NAME, "a..b"),
    "db.list_collections()": lambda: collections.list_collections_body(),
    "db.list_collections(filter={'type': 'view'}, comment='c', maxTimeMS=9)": lambda: (
        collections.list_collections_body({"type": "view"}, "c", {"maxTimeMS": 9})
    ),
    "db.list_collection_names()": lambda: collections.list_collection_names_body(),
    "db.list_collection_names(filter={'name': 'n1'})": lambda: collections.list_collection_names_body(
        {"name": "n1"}
    ),
    "db.list_collection_names(filter={'type': 'view'})": lambda: collections.list_collection_names_body(
        {"type": "view"}
    ),
    "db.list_collection_names(filter={'name': 'a'}, comment='c', authorizedCollections=True)": lambda: (
        collections.list_collection_names_body({"name": "a"}, "c", {"authorizedCollections": True})
    ),
    "c.options(comment='x')": lambda: collections.list_collections_body({"name": NAME}, "x"),
    "db.validate_collection('c')": lambda: collections.validate_body(NAME),
    "db.validate_collection('c', True, True, None, False, 'c')": lambda: collections.validate_body(
        NAME, True, True, False, "c"
    ),
    "client.list_databases(comment='c', filter={'name': 't'}, nameOnly=True)": lambda: (
        databases.list_databases_body("c", {"filter": {"name": "t"}, "nameOnly": True})
    ),
    "client.list_database_names('s') if False else client.list_database_names(comment='c')": lambda: (
        databases.list_database_names_body("c")
    ),
    "client.drop_database('zzz', comment='c')": lambda: databases.drop_database_body("c"),
    "client.server_info()": lambda: databases.build_info_body(),
    "db.command('ping')": lambda: run_command.command_body("ping"),
    "db.command('count', 'c', query={'a': 1})": lambda: run_command.command_body(
        "count", "c", None, {"query": {"a": 1}}
    ),
    "db.command({'count': 'c', 'query': {}}, comment='x')": lambda: run_command.command_body(
        {"count": "c", "query": {}}, 1, "x"
    ),
    "db.command({'ping': 1}, ping=2)": lambda: run_command.command_body({"ping": 1}, 1, None, {"ping": 2}),
}
