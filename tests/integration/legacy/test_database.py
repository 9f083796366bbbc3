"""What databases of 3.x have, as PyMongo 3.13 was seen to do it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from petiole.bson.code import Code
from petiole.errors import ConfigurationError, OperationFailure
from petiole.legacy import ALL, OFF, SLOW_ONLY, Database, MongoClient
from petiole.legacy.son_manipulator import (
    AutoReference,
    NamespaceInjector,
    ObjectIdInjector,
    ObjectIdShuffler,
    SONManipulator,
)
from petiole.local import LocalServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_collection_names(database: Database) -> None:
    database.a.insert_one({})
    database["system.js"].insert_one({"_id": "f", "value": Code("function() {}")})
    with pytest.warns(DeprecationWarning, match="list_collection_names"):
        assert set(database.collection_names()) == {"a", "system.js"}
    assert database.collection_names(include_system_collections=False) == ["a"]


def test_current_op(database: Database) -> None:
    with pytest.warns(DeprecationWarning, match="currentOp"):
        assert "inprog" in database.current_op()
    assert len(database.current_op(include_all=True)["inprog"]) >= len(database.current_op()["inprog"])


def test_profiling(database: Database) -> None:
    with pytest.warns(DeprecationWarning, match="profile"):
        assert database.profiling_level() == OFF
    database.set_profiling_level(ALL)
    try:
        database.a.find_one()
        assert database.profiling_level() == ALL
        assert any(entry["ns"] == "legacy.a" for entry in database.profiling_info())
        database.set_profiling_level(SLOW_ONLY, slow_ms=50)
        assert database.command("profile", -1)["slowms"] == 50
    finally:
        database.set_profiling_level(OFF, 100)
    with pytest.raises(ValueError, match="level must be one of"):
        database.set_profiling_level(5)
    with pytest.raises(TypeError, match="slow_ms must be an integer"):
        database.set_profiling_level(0, "a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "call"),
    [
        ("5.1", lambda d: d.error()),
        ("5.1", lambda d: d.last_status()),
        ("3.6", lambda d: d.previous_error()),
        ("5.0", lambda d: d.reset_error_history()),
        ("4.2", lambda d: d.eval("1 + 1")),
        ("4.2", lambda d: d.eval(Code("function(x) { return x }"), 3)),
        ("4.2", lambda d: d.system_js.stored(1)),
    ],
)
def test_what_servers_have_lost(database: Database, since: str, call: Callable[[Any], Any]) -> None:
    with (
        pytest.warns(DeprecationWarning, match="deprecated"),
        pytest.raises(OperationFailure, match=f"since version {since}: "),
    ):
        call(database)


def test_arguments_of_eval(database: Database) -> None:
    with pytest.raises(TypeError, match="code must be an instance of str"):
        database.eval(5)


def test_system_js(database: Database) -> None:
    with pytest.warns(DeprecationWarning, match="SystemJS is deprecated"):
        js: Any = database.system_js
    js.add = "function(x, y) { return x + y }"
    js["six"] = Code("function() { return 6 }")
    assert sorted(js.list()) == ["add", "six"]
    assert database["system.js"].find_one("six") == {"_id": "six", "value": Code("function() { return 6 }")}
    del js.add
    del js["six"]
    assert js.list() == []


def test_son_manipulators_that_inject(database: Database) -> None:
    database.add_son_manipulator(NamespaceInjector())
    database.a.insert({"_id": 1})
    database.a.save({"_id": 2})
    database.a.insert_one({"_id": 3})
    assert list(database.a.find().sort("_id", 1)) == [
        {"_id": 1, "_ns": "a"},
        {"_id": 2, "_ns": "a"},
        {"_id": 3},
    ]


def test_lists_of_son_manipulators(database: Database) -> None:
    database.add_son_manipulator(NamespaceInjector())
    database.add_son_manipulator(ObjectIdInjector())
    database.add_son_manipulator(ObjectIdShuffler())
    database.add_son_manipulator(AutoReference(database))
    assert database.incoming_manipulators == ["ObjectIdInjector", "NamespaceInjector"]
    assert database.incoming_copying_manipulators == ["AutoReference", "ObjectIdShuffler"]
    assert database.outgoing_manipulators == []
    assert database.outgoing_copying_manipulators == ["AutoReference"]
    database.a.insert({"_id": 1})
    database.a.save({"x": {"y": [database.a.find_one(1)]}, "_id": 2})
    stored: Any = database.client.legacy.a.find_one(2)
    assert next(iter(stored)) == "_id"
    assert stored["x"]["y"][0].collection == "a"
    handed_out: Any = database.a.find_one(2)
    assert handed_out["x"]["y"] == [{"_id": 1, "_ns": "a"}]
    untouched: Any = database.a.find_one(2, manipulate=False)
    assert untouched["x"] == stored["x"]
    with pytest.raises(AttributeError, match="will_copy"):
        database.add_son_manipulator(5)  # type: ignore[arg-type]


def test_son_manipulator_of_an_application(database: Database) -> None:
    class Shouting(SONManipulator):
        def transform_outgoing(self, son: Any, collection: Any) -> Any:
            return {**son, "name": son["name"].upper()}

    database.add_son_manipulator(Shouting())
    assert database.outgoing_manipulators == ["Shouting"]
    database.a.insert({"_id": 1, "name": "ann"})
    assert list(database.a.find()) == [{"_id": 1, "name": "ANN"}]


def test_iter_bool_and_next(database: Database) -> None:
    assert iter(database) is database
    assert bool(database) is bool(database.a) is True
    with pytest.raises(TypeError, match="'Database' object is not iterable"):
        next(database)


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalServer]:
    """A server of its own, since users are the whole server's."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def users(guarded: LocalServer) -> Iterator[Database]:
    with MongoClient(guarded.uri) as client:
        client.people.command("dropAllUsersFromDatabase", 1)
        yield client.people


def roles(database: Database) -> dict[str, list[str]]:
    return {
        user["user"]: [role["role"] for role in user["roles"]]
        for user in database.command("usersInfo", 1)["users"]
    }


def test_add_user(users: Database) -> None:
    with pytest.warns(DeprecationWarning, match="createUser or updateUser"):
        users.add_user("u", "p")
    users.add_user("reader", "p", read_only=True)
    users.add_user("other", "p", roles=["read"])
    users.add_user("other", "p2", roles=["readWrite"], customData={"x": 1})
    assert roles(users) == {"u": ["dbOwner"], "reader": ["read"], "other": ["readWrite"]}
    with pytest.raises(ConfigurationError, match="Can not use read_only and roles together"):
        users.add_user("u", "p", True, roles=["read"])
    with pytest.raises(ConfigurationError, match="digestPassword"):
        users.add_user("u", "p", digestPassword=True)
    with pytest.raises(ValueError, match="password can't be empty"):
        users.add_user("u", "")
    wrong: list[Any] = [(5, "p"), ("u", 5)]
    for arguments in wrong:
        with pytest.raises(TypeError, match="must be an instance of str"):
            users.add_user(*arguments)


def test_remove_user(users: Database) -> None:
    users.add_user("u", "p")
    with pytest.warns(DeprecationWarning, match="dropUser"):
        users.remove_user("u")
    with pytest.raises(OperationFailure, match="not found"):
        users.remove_user("u")


def logged_in(database: Database) -> list[str]:
    status = database.command("connectionStatus")["authInfo"]["authenticatedUsers"]
    return [user["user"] for user in status]


def test_authenticate_and_logout(users: Database) -> None:
    users.add_user("u", "p")
    users.add_user("v", "p")
    assert logged_in(users) == []
    assert users.authenticate("u", "p") is True
    assert users.authenticate("u", "p") is True
    assert logged_in(users) == ["u"]
    with pytest.raises(OperationFailure, match="Another user is already authenticated to this database"):
        users.authenticate("v", "p")
    with pytest.raises(OperationFailure, match="Another user is already authenticated by this client"):
        users.client.elsewhere.authenticate("v", "p", source="people")
    users.logout()
    users.logout()
    assert logged_in(users) == []
    assert users.client.elsewhere.authenticate("v", "p", source="people") is True
    assert logged_in(users) == ["v"]


def test_authenticate_in_vain(users: Database) -> None:
    users.add_user("u", "p")
    with pytest.raises(OperationFailure, match="Authentication failed"):
        users.authenticate("u", "wrong")
    assert logged_in(users) == []
    with pytest.raises(ConfigurationError, match="requires a username"):
        users.authenticate()
    with pytest.raises(ConfigurationError, match="A password is required"):
        users.authenticate("u")
    with pytest.raises(ValueError, match="mechanism must be in"):
        users.authenticate("u", "p", mechanism="FOO")
    wrong: list[Any] = [(5, "p", None), ("u", 5, None), ("u", "p", 5)]
    for arguments in wrong:
        with pytest.raises(TypeError, match="must be an instance of str"):
            users.authenticate(*arguments)
