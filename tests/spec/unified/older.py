"""Turns the tests of client-side encryption in their older form into those of the unified format.

Follows: client-side-encryption/tests/README.md, "Spec Test Format". Some of the tests there are have no unified form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.kms.estate import KEY_ID, ROLE_KEY_ID, ROLE_SECRET_KEY, ROLE_TOKEN, SECRET_KEY

Document = Mapping[str, Any]

_FILLED_IN = {"$$placeholder": 1}
_ROLE = {"accessKeyId": ROLE_KEY_ID, "secretAccessKey": ROLE_SECRET_KEY}
_PROVIDERS: Mapping[str, tuple[str, Document]] = {
    "aws": ("aws", {"accessKeyId": KEY_ID, "secretAccessKey": SECRET_KEY}),
    "awsTemporary": ("aws", {**_ROLE, "sessionToken": ROLE_TOKEN}),
    "awsTemporaryNoSessionToken": ("aws", _ROLE),
    "kmip": ("kmip", {"endpoint": _FILLED_IN}),
}
"""What stands for empty providers, "Use as integration tests"."""
_TARGETS = {"collection": "coll", "database": "db", "testRunner": "testRunner"}


def unified(content: Document, test: Document) -> tuple[dict[str, Any], dict[str, Any]]:
    """The file and the test, for one test of a file."""
    database, collection = content["database_name"], content["collection_name"]
    options = {"validator": {"$jsonSchema": content["json_schema"]}} if content.get("json_schema") else {}
    data = {"databaseName": database, "collectionName": collection, "documents": content.get("data", [])}
    keys = {"databaseName": "keyvault", "collectionName": "datakeys"}
    changed: dict[str, Any] = {
        "description": "",
        "schemaVersion": "1.23",
        "runOnRequirements": [_requirement(one) for one in content["runOn"]],
        "createEntities": [
            *_entities(
                "", {"autoEncryptOpts": _encryption(test["clientOptions"]["autoEncryptOpts"])}, content
            ),
            *_entities("plain_", {}, content),
        ],
        "initialData": [
            {**data, "createOptions": options},
            {**keys, "documents": content.get("key_vault_data", [])},
        ],
    }
    operations = [_operation(operation, collection) for operation in test["operations"]]
    if "outcome" in test:
        find = {"name": "find", "object": "plain_coll", "arguments": {"filter": {}, "sort": {"_id": 1}}}
        operations.append({**find, "expectResult": test["outcome"]["collection"]["data"]})
    made: dict[str, Any] = {"description": test["description"], "operations": operations}
    if "expectations" in test:
        made["expectEvents"] = [{"client": "client", "events": [_event(one) for one in test["expectations"]]}]
    return {**changed, "tests": [made]}, made


def _requirement(requirement: Document) -> Document:
    names = {"topology": "topologies"}
    return {**{names.get(name, name): value for name, value in requirement.items()}, "csfle": True}


def _entities(prefix: str, options: Document, content: Document) -> list[Document]:
    client, database = f"{prefix}client", f"{prefix}db"
    return [
        {"client": {"id": client, "observeEvents": ["commandStartedEvent"], **options}},
        {"database": {"id": database, "client": client, "databaseName": content["database_name"]}},
        {
            "collection": {
                "id": f"{prefix}coll",
                "database": database,
                "collectionName": content["collection_name"],
            }
        },
    ]


def _encryption(options: Document) -> Document:
    providers = dict(options["kmsProviders"])
    if "local" in providers:
        providers["local"] = {"key": _FILLED_IN}  # It is the same one.
    for name in [name for name, said in providers.items() if not said]:
        del providers[name]
        kind, credentials = _PROVIDERS[name]
        providers[kind] = credentials
    return {"keyVaultNamespace": "keyvault.datakeys", **options, "kmsProviders": providers}


def _operation(operation: Document, collection: str) -> dict[str, Any]:
    name, arguments = operation["name"], operation["arguments"]
    target = _TARGETS[operation.get("object", "collection")]
    if target == "testRunner":
        arguments = {f"{argument}Name": value for argument, value in arguments.items()}
    made: dict[str, Any] = {"name": name, "object": target, "arguments": arguments}
    if name == "mapReduce":
        # There is no such method in PyMongo's API any more, but the command can be sent.
        command = {"mapReduce": collection, **arguments}
        made = {"name": "runCommand", "object": "db", "arguments": {"commandName": name, "command": command}}
    result = operation.get("result")
    if isinstance(result, Mapping) and "errorContains" in result:
        return {**made, "expectError": {"errorContains": result["errorContains"]}}
    return made if result is None else {**made, "expectResult": result}


def _event(expectation: Document) -> Document:
    started = expectation["command_started_event"]
    return {"commandStartedEvent": {"command": started["command"], "commandName": started["command_name"]}}
