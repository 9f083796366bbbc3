"""Runs the read-write-concern tree but for its unified tests: concerns of connection strings, and as documents."""

import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError
from petiole.read_concern import ReadConcern
from petiole.write_concern import WriteConcern

ARGUMENTS = {"w": "w", "wtimeoutMS": "wtimeout", "journal": "j"}


@pytest.mark.specification("read-write-concern/tests/connection-string")
def test_connection_string(case: Mapping[str, Any]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            options = build_client_options(case["uri"]).options
        except ConfigurationError:
            assert not case["valid"]
            return
    # As PyMongo does, a value that cannot be is warned of and passed over.
    assert bool(caught) is (not case["valid"] or case["warning"])
    if "readConcern" in case:
        assert options.read_concern.document == case["readConcern"]
    if "writeConcern" in case:
        assert options.write_concern == write_concern(case["writeConcern"])


@pytest.mark.specification("read-write-concern/tests/document")
def test_document(case: Mapping[str, Any]) -> None:
    if "readConcern" in case:
        concern = ReadConcern(case["readConcern"].get("level"))
        assert concern.document == case["readConcernDocument"]
        assert (concern == ReadConcern()) is case["isServerDefault"]
        return
    if not case["valid"]:
        with pytest.raises((ConfigurationError, ValueError)):
            write_concern(case["writeConcern"])
        return
    made = write_concern(case["writeConcern"])
    assert made.document == case["writeConcernDocument"]
    assert made.acknowledged is case["isAcknowledged"]
    assert made.is_server_default is case["isServerDefault"]


def write_concern(document: Mapping[str, Any]) -> WriteConcern:
    return WriteConcern(**{ARGUMENTS[name]: value for name, value in document.items()})
