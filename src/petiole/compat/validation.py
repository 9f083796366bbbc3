"""What of `pymongo.common` and `pymongo.database_shared` has no home in petiole. Checks values, and nothing else.

Neither is part of PyMongo's documentation, but frameworks import them: names, results and errors are PyMongo's. Limits,
defaults and the validators of options are found in `petiole._uri` by the table.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NoReturn

from petiole._commands.arguments import boolean as validate_boolean
from petiole._commands.arguments import document
from petiole._commands.write_options import checked_replacement, checked_update
from petiole._core.bound import Bound as BaseObject
from petiole._core.client_repr import SENSITIVE_OPTIONS_FOR_REPR as _SENSITIVE
from petiole._core.database import check_database_name
from petiole._uri.choices import UUID_REPRESENTATIONS as _UUID_REPRESENTATIONS
from petiole._uri.choices import redact_auth_mechanism_properties as redact_auth_mechanism_properties_for_repr
from petiole._uri.hosts import parse_host
from petiole._uri.mapping import CaseInsensitiveDictionary as _CaseInsensitiveDictionary
from petiole._uri.options import validated as get_validated_options
from petiole._uri.scalars import validate_list
from petiole._uri.table import raise_unknown_option, validate_option
from petiole.bson import has_c
from petiole.bson.son import SON
from petiole.write_concern import DEFAULT_WRITE_CONCERN

__all__ = [
    "DEFAULT_WRITE_CONCERN",
    "ORDERED_TYPES",
    "SENSITIVE_OPTIONS_FOR_REPR",
    "WRITE_CONCERN_OPTIONS",
    "_UUID_REPRESENTATIONS",
    "BaseObject",
    "_CaseInsensitiveDictionary",
    "_check_name",
    "clean_node",
    "get_validated_options",
    "has_c",
    "partition_node",
    "raise_config_error",
    "redact_auth_mechanism_properties_for_repr",
    "validate",
    "validate_boolean",
    "validate_is_document_type",
    "validate_list_or_mapping",
    "validate_list_or_none",
    "validate_ok_for_replace",
    "validate_ok_for_update",
]

SENSITIVE_OPTIONS_FOR_REPR = frozenset(_SENSITIVE)
ORDERED_TYPES = (SON, OrderedDict)
WRITE_CONCERN_OPTIONS = frozenset({"w", "wtimeout", "wtimeoutms", "fsync", "j", "journal"})


def validate(option: str, value: Any) -> tuple[str, Any]:
    """The option's name, and the value to use.

    :raises ConfigurationError: if there is no such option.
    """
    return option, validate_option(option, value)


def raise_config_error(key: str, suggestions: list[str] | None = None, from_uri: bool = False) -> NoReturn:
    """Say that there is no such option; without its name, if that stood in a connection string."""
    raise_unknown_option(key, suggestions or (), from_uri)


def clean_node(node: str) -> tuple[str, int]:
    """The host, in lower case, and the port of "host:port"."""
    host, port = partition_node(node)
    return host.lower(), port


def partition_node(node: str) -> tuple[str, int]:
    """The host and the port of "host:port"."""
    host, port = parse_host(node)
    assert port is not None, "there is a default"
    return (node[: len(host)] if node.lower().startswith(host) else host), port


def validate_list_or_none(option: Any, value: Any) -> list[Any] | None:
    """`value` if it is a list or None.

    :raises TypeError: otherwise.
    """
    return None if value is None else validate_list(option, value)


def validate_is_document_type(option: str, value: Any) -> None:
    """Check that it is a document that can be written to, or a raw one.

    :raises TypeError: otherwise.
    """
    document(option, value)


def validate_list_or_mapping(option: Any, value: Any) -> None:
    """Check that it is a list or a mapping.

    :raises TypeError: otherwise.
    """
    if not isinstance(value, (Mapping, list)):
        raise TypeError(
            f"{option} must either be a list or an instance of dict, bson.son.SON, or any other type that inherits "
            "from collections.Mapping"
        )


def validate_ok_for_replace(replacement: Mapping[str, Any]) -> None:
    """Check that it can replace a document.

    :raises TypeError, ValueError: otherwise.
    """
    checked_replacement(replacement)


def validate_ok_for_update(update: Any) -> None:
    """Check that it is a document of operators or a pipeline.

    :raises TypeError, ValueError: otherwise.
    """
    checked_update(update)


def _check_name(name: str) -> None:
    """Check the name of a database.

    :raises InvalidName: for what servers refuse.
    """
    check_database_name(name)
