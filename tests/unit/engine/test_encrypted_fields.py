"""Creating and dropping collections with encrypted fields ("Queryable Encryption Create and Drop Collection Helpers").

No server of 7.0 is to be had, so a scripted one says that it is.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.engine.rig import Rig, on

from petiole.errors import ConfigurationError, OperationFailure

FIELDS: dict[str, Any] = {"fields": [{"path": "a", "bsonType": "int", "keyId": None}]}
STATE = {"key": {"_id": 1}, "unique": True}
QUERYABLE = {"minWireVersion": 0, "maxWireVersion": 21}


def database(rig: Rig) -> Any:
    return rig.client()["t"]


def sent(rig: Rig) -> list[dict[str, Any]]:
    """The commands, without what every command has."""
    own = ("$db", "lsid", "$clusterTime", "$readPreference")
    return [{name: value for name, value in body.items() if name not in own} for body in rig.server.bodies]


def test_what_the_server_keeps_beside_it_is_created_first(rig: Rig) -> None:
    rig.server.hello |= QUERYABLE
    db = database(rig)
    rig.do(lambda: db.create_collection("c", encryptedFields=FIELDS, check_exists=False))
    assert sent(rig) == [
        {"create": "enxcol_.c.esc", "clusteredIndex": STATE},
        {"create": "enxcol_.c.ecoc", "clusteredIndex": STATE},
        {"create": "c", "encryptedFields": FIELDS},
        {"createIndexes": "c", "indexes": [{"name": "__safeContent___1", "key": {"__safeContent__": 1}}]},
    ]


def test_the_names_of_those_collections_may_be_given(rig: Rig) -> None:
    rig.server.hello |= QUERYABLE
    db = database(rig)
    fields = {"escCollection": "x", "ecocCollection": "y"}
    rig.do(lambda: db.create_collection("c", encryptedFields=fields, check_exists=False))
    rig.do(lambda: db["c"].drop(encrypted_fields=fields))
    assert [body.get("create") for body in sent(rig)][:3] == ["x", "y", "c"]
    assert [body.get("drop") for body in sent(rig)][-3:] == ["x", "y", "c"]


def test_the_first_failure_ends_it(rig: Rig) -> None:
    rig.server.hello |= QUERYABLE
    rig.server.script = on("create", {"ok": 1}, {"ok": 0, "code": 48, "errmsg": "it exists"})
    db = database(rig)
    rig.fail(lambda: db.create_collection("c", encryptedFields=FIELDS, check_exists=False), OperationFailure)
    assert [body["create"] for body in sent(rig)] == ["enxcol_.c.esc", "enxcol_.c.ecoc"]


def test_older_servers_are_not_asked(rig: Rig) -> None:
    db = database(rig)
    error = rig.fail(
        lambda: db.create_collection("c", encryptedFields=FIELDS, check_exists=False), ConfigurationError
    )
    assert "Upgrade server to use Queryable Encryption. Got maxWireVersion 17 but need" in str(error)
    assert sent(rig) == []


@pytest.mark.parametrize("by", ["collection", "database"])
def test_it_is_dropped_with_what_is_beside_it(rig: Rig, by: str) -> None:
    missing = {"ok": 0, "code": 26, "codeName": "NamespaceNotFound", "errmsg": "ns not found"}
    rig.server.script = on("drop", missing, {"ok": 1}, missing)
    db = database(rig)
    if by == "collection":
        assert rig.do(lambda: db["c"].drop(encrypted_fields=FIELDS)) is None
    else:
        assert rig.do(lambda: db.drop_collection("c", encrypted_fields=FIELDS))["code"] == 26
    assert sent(rig) == [{"drop": "enxcol_.c.esc"}, {"drop": "enxcol_.c.ecoc"}, {"drop": "c"}]


def test_a_client_without_encryption_asks_nobody_about_fields(rig: Rig) -> None:
    db = database(rig)
    rig.do(lambda: db.drop_collection("c"))
    assert sent(rig) == [{"drop": "c"}]
