"""What a file of the unified test format looks like, and which versions of the format this runner reads.

Follows: unified-test-format, "Test Format" and "Schema Version". May not look into a running test: it only reads files.
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified.schema import (
    Check,
    Malformed,
    anything,
    array,
    boolean,
    document,
    either,
    fields,
    integer,
    later,
    mapping,
    matching,
    one_of,
    string,
)

NEWEST = (1, 29)
"""The newest schema version that this runner knows; older minor versions are compatible."""

_version = matching(r"\d+(\.\d+){1,2}")
_server_version = matching(r"\d+(\.\d+){0,2}")

_requirement = fields(
    optional={
        "minServerVersion": _server_version,
        "maxServerVersion": _server_version,
        "topologies": array(
            one_of("single", "replicaset", "sharded", "sharded-replicaset", "load-balanced"), minimum=1
        ),
        "serverless": one_of("require", "forbid", "allow"),
        "serverParameters": mapping(string, anything, minimum=1),
        "auth": boolean,
        "authMechanism": string,
        "csfle": either(boolean, fields(optional={"minLibmongocryptVersion": _version})),
    },
    minimum=1,
)

_COMMAND = {"commandName": string, "databaseName": string, "hasServiceId": boolean}
_COMMAND["hasServerConnectionId"] = boolean

_COMMAND_EVENTS = {
    "commandStartedEvent": fields(optional={"command": document, **_COMMAND}),
    "commandSucceededEvent": fields(optional={"reply": document, **_COMMAND}),
    "commandFailedEvent": fields(optional=_COMMAND),
}
_empty = fields()
_reason = fields(optional={"reason": string})
_CMAP_EVENTS = {
    "poolCreatedEvent": _empty,
    "poolReadyEvent": _empty,
    "poolClearedEvent": fields(optional={"hasServiceId": boolean, "interruptInUseConnections": boolean}),
    "poolClosedEvent": _empty,
    "connectionCreatedEvent": _empty,
    "connectionReadyEvent": _empty,
    "connectionClosedEvent": _reason,
    "connectionCheckOutStartedEvent": _empty,
    "connectionCheckOutFailedEvent": _reason,
    "connectionCheckedOutEvent": _empty,
    "connectionCheckedInEvent": _empty,
}
_server = fields(
    optional={
        "type": one_of(
            "Standalone",
            "Mongos",
            "PossiblePrimary",
            "RSPrimary",
            "RSSecondary",
            "RSOther",
            "RSArbiter",
            "RSGhost",
            "LoadBalancer",
            "Unknown",
        )
    }
)
_topology = fields(
    optional={
        "type": one_of(
            "Single", "Unknown", "ReplicaSetNoPrimary", "ReplicaSetWithPrimary", "Sharded", "LoadBalanced"
        )
    }
)
_heartbeat = fields(optional={"awaited": boolean})
_SDAM_EVENTS = {
    "serverDescriptionChangedEvent": fields(
        optional={"previousDescription": _server, "newDescription": _server}
    ),
    "topologyDescriptionChangedEvent": fields(
        optional={"previousDescription": _topology, "newDescription": _topology}
    ),
    "serverHeartbeatStartedEvent": _heartbeat,
    "serverHeartbeatSucceededEvent": _heartbeat,
    "serverHeartbeatFailedEvent": _heartbeat,
    "topologyOpeningEvent": _empty,
    "topologyClosedEvent": _empty,
}
EVENTS = {**_COMMAND_EVENTS, **_CMAP_EVENTS, **_SDAM_EVENTS}
EVENT_TYPES = {"command": _COMMAND_EVENTS, "cmap": _CMAP_EVENTS, "sdam": _SDAM_EVENTS}

_LEVELS = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "trace")
_COMPONENTS = ("command", "topology", "serverSelection", "connection")

_placeholder = fields({"$$placeholder": anything})
_secret = either(string, _placeholder)
_KMS_FIELDS = {
    "aws": ("accessKeyId", "secretAccessKey", "sessionToken"),
    "azure": ("tenantId", "clientId", "clientSecret", "identityPlatformEndpoint", "accessToken"),
    "gcp": ("email", "privateKey", "endpoint", "accessToken"),
    "kmip": ("endpoint",),
    "local": ("key",),
}
_kms_name = matching(r"(aws|azure|gcp|kmip|local)(:[a-zA-Z0-9_]+)?")


def _kms_providers(value: Any, path: str) -> None:
    mapping(_kms_name, document)(value, path)
    for name, provider in value.items():
        known = _KMS_FIELDS[name.partition(":")[0]]
        fields(optional=dict.fromkeys(known, _secret))(provider, f"{path}.{name}")


_encryption = fields(
    {"keyVaultClient": string, "keyVaultNamespace": string, "kmsProviders": _kms_providers},
    {"keyExpirationMS": integer},
)
_auto_encryption = fields(
    {"keyVaultNamespace": string, "kmsProviders": _kms_providers},
    {
        "bypassAutoEncryption": boolean,
        "schemaMap": document,
        "encryptedFieldsMap": document,
        "extraOptions": document,
        "bypassQueryAnalysis": boolean,
        "keyExpirationMS": integer,
    },
)
_options = fields(
    optional={
        "readConcern": document,
        "readPreference": document,
        "writeConcern": document,
        "timeoutMS": integer,
    }
)
_stored_events = fields({"id": string, "events": array(string, minimum=1)})
_client = fields(
    {"id": string},
    {
        "uriOptions": document,
        "useMultipleMongoses": boolean,
        "observeEvents": array(one_of(*EVENTS), minimum=1),
        "ignoreCommandMonitoringEvents": array(string, minimum=1),
        "observeSensitiveCommands": boolean,
        "storeEventsAsEntities": array(_stored_events, minimum=1),
        "observeLogMessages": mapping(one_of(*_COMPONENTS), one_of(*_LEVELS), minimum=1),
        "observeTracingMessages": fields(optional={"enableCommandPayload": boolean}),
        "serverApi": fields({"version": string}, {"strict": boolean, "deprecationErrors": boolean}),
        "autoEncryptOpts": _auto_encryption,
        "awaitMinPoolSizeMS": integer,
    },
)
_entity = fields(
    optional={
        "client": _client,
        "clientEncryption": fields({"id": string, "clientEncryptionOpts": _encryption}),
        "database": fields(
            {"id": string, "client": string, "databaseName": string}, {"databaseOptions": _options}
        ),
        "collection": fields(
            {"id": string, "database": string, "collectionName": string}, {"collectionOptions": _options}
        ),
        "session": fields({"id": string, "client": string}, {"sessionOptions": document}),
        "bucket": fields({"id": string, "database": string}, {"bucketOptions": document}),
        "thread": fields({"id": string}),
    },
    minimum=1,
    maximum=1,
)
_collection_data = fields(
    {"collectionName": string, "databaseName": string, "documents": array(document)},
    {"createOptions": document},
)
_error = fields(
    optional={
        "isError": one_of(True),
        "isClientError": boolean,
        "isTimeoutError": boolean,
        "errorContains": string,
        "errorCode": integer,
        "errorCodeName": string,
        "errorLabelsContain": array(string, minimum=1),
        "errorLabelsOmit": array(string, minimum=1),
        "writeErrors": document,
        "writeConcernErrors": array(document),
        "errorResponse": document,
        "expectResult": anything,
    },
    minimum=1,
)
_operation = fields(
    {"name": string, "object": string},
    {
        "arguments": document,
        "ignoreResultAndError": boolean,
        "expectError": _error,
        "expectResult": anything,
        "saveResultAsEntity": string,
    },
    exclusive=[
        ("expectError", "expectResult"),
        ("expectError", "saveResultAsEntity"),
        ("ignoreResultAndError", "expectError"),
        ("ignoreResultAndError", "expectResult"),
        ("ignoreResultAndError", "saveResultAsEntity"),
    ],
)


def _expected_events(value: Any, path: str) -> None:
    document(value, path)
    kind = value.get("eventType", "command")
    one_of(*EVENT_TYPES)(kind, f"{path}.eventType")
    event = fields(optional=EVENT_TYPES[kind], minimum=1, maximum=1)
    fields({"client": string, "events": array(event)}, {"eventType": string, "ignoreExtraEvents": boolean})(
        value, path
    )


_log_message = fields(
    {"level": one_of(*_LEVELS), "component": one_of(*_COMPONENTS), "data": document},
    {"failureIsRedacted": boolean},
)
_expected_logs = fields(
    {"client": string, "messages": array(_log_message)},
    {"ignoreMessages": array(_log_message), "ignoreExtraMessages": boolean},
)
_span: Check = fields(
    {"name": string, "attributes": document}, {"nested": array(later(lambda: _span), minimum=1)}
)
_expected_spans = fields({"client": string, "spans": array(_span)}, {"ignoreExtraSpans": boolean})
_test = fields(
    {"description": string, "operations": array(_operation)},
    {
        "runOnRequirements": array(_requirement, minimum=1),
        "skipReason": string,
        "expectEvents": array(_expected_events, minimum=1),
        "expectLogMessages": array(_expected_logs, minimum=1),
        "expectTracingMessages": array(_expected_spans, minimum=1),
        "outcome": array(_collection_data, minimum=1),
    },
)
_file = fields(
    {"description": string, "schemaVersion": _version, "tests": array(_test, minimum=1)},
    {
        "runOnRequirements": array(_requirement, minimum=1),
        "createEntities": array(_entity, minimum=1),
        "initialData": array(_collection_data, minimum=1),
        "_yamlAnchors": document,
    },
)


def check_file(content: Any) -> None:
    """Raise Malformed unless this is a file of a version of the format that this runner reads."""
    if isinstance(content, dict) and isinstance(content.get("schemaVersion"), str):
        check_version(content["schemaVersion"])
    _file(content, "")


def check_version(version: str) -> None:
    _version(version, "schemaVersion")
    major, minor, *_ = (int(part) for part in version.split("."))
    if major != NEWEST[0] or minor > NEWEST[1]:
        raise Malformed(f"schemaVersion: this runner reads 1.0 to {NEWEST[0]}.{NEWEST[1]}, not {version}")
