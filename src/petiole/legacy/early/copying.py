"""Copying a database through a blocking client, perhaps from another host and as another user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._core.copy_database import copy_database as copy_documents
from petiole._native import run
from petiole.asynchronous.database import AsyncDatabase
from petiole.errors import ConfigurationError, OperationFailure
from petiole.mongo_client import MongoClient

if TYPE_CHECKING:
    from petiole.legacy.early.client import EarlyClient

_AUTHENTICATION_FAILED = 18


def copy_database(
    client: EarlyClient,
    from_name: str,
    to_name: str,
    from_host: str | None,
    user: tuple[str | None, str | None, str],
) -> None:
    """Copy `from_name` of `from_host`, or of the client's own host, to the client's `to_name`.

    :param user: name, password and mechanism; the name may be None.
    :raises ConfigurationError: for a name without a password.
    """
    if from_host is not None and not isinstance(from_host, str):
        raise TypeError("from_host must be an instance of str")
    if user[0] is not None and user[1] is None:
        raise ConfigurationError("A password must be given together with username")
    if from_host is None and user[0] is None:
        _copy(client, from_name, client, to_name)
        return
    # As the server did: the user is one of the source database. Most users of today are admin's.
    sources = [from_name, "admin"] if user[0] is not None else [None]
    for number, auth_source in enumerate(sources):
        with MongoClient(from_host or _own_host(client), **_options(client, user, auth_source)) as source:
            try:
                source.admin.command("ping")
            except OperationFailure as error:
                if error.code == _AUTHENTICATION_FAILED and number + 1 < len(sources):
                    continue
                raise
            _copy(source, from_name, client, to_name)
            return


def _own_host(client: EarlyClient) -> str:
    address: Any = client.address
    return f"{address[0]}:{address[1]}"


def _options(
    client: EarlyClient, user: tuple[str | None, str | None, str], auth_source: str | None
) -> dict[str, Any]:
    """What the source is connected with: the user, and the client's encoding of UUIDs."""
    name, password, mechanism = user
    options: dict[str, Any] = {"document_class": dict, "uuidRepresentation": "pythonLegacy"}
    if name is not None:
        options |= {"username": name, "password": password, "authSource": auth_source}
        if mechanism != "DEFAULT":
            options["authMechanism"] = mechanism
    return options


def _copy(source: Any, from_name: str, target: Any, to_name: str) -> None:
    # Coroutines on the blocking runtime: they never suspend.
    run(copy_documents(AsyncDatabase(source, from_name), AsyncDatabase(target, to_name)))
