"""The exceptions: the same values, texts and errors as PyMongo's."""

from __future__ import annotations

import pytest
from tests.unit.bson.sides import assert_same

EXPRESSIONS = r"""
InvalidDocument('m',5).document
InvalidDocument('m').document
InvalidDocument('m',5)
InvalidDocument('m',5).args
InvalidDocument()
InvalidDocument('a','b').__reduce__()
pickle.loads(pickle.dumps(InvalidDocument('a','b'))).document
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_same_as_pymongo(expression: str) -> None:
    assert_same(expression)
