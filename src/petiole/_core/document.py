"""The type variable of documents: what `document_class` makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

Document = TypeVar("Document", bound=Mapping[str, Any])
"""The class documents are decoded into; `dict[str, Any]` unless the user says otherwise."""

OtherDocument = TypeVar("OtherDocument", bound=Mapping[str, Any])
"""The class documents are decoded into after a change of codec options."""
