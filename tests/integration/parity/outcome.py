"""What came of a snippet, in a form in which two drivers can be compared.

Owns the normalisation: what differs between two runs of the same driver (generated ids, times, addresses of objects,
ids of cursors) or must differ between two drivers (the names of their packages) is made equal; all else stays.
"""

from __future__ import annotations

import collections.abc
import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from tests.integration.parity.adapter import bare
from tests.integration.parity.wiretap import Request

# What the server adds to replies of its own.
_SERVERS_OWN = frozenset(
    {"$clusterTime", "operationTime", "electionId", "opTime", "lastCommittedOpTime", "lastWrite", "localTime"}
)
_LABELS = (
    "RetryableWriteError",
    "TransientTransactionError",
    "UnknownTransactionCommitResult",
    "ResumableChangeStreamError",
)
_ERROR_ATTRIBUTES = ("code", "details", "timeout", "errors", "max_wire_version")
_LONG = 1000
_RECENT = datetime.timedelta(minutes=10)
_RESULTS = {
    "InsertOneResult": ("inserted_id",),
    "InsertManyResult": ("inserted_ids",),
    "UpdateResult": ("matched_count", "modified_count", "upserted_id", "raw_result"),
    "DeleteResult": ("deleted_count", "raw_result"),
    "BulkWriteResult": (
        *("inserted_count", "matched_count", "modified_count", "deleted_count", "upserted_count"),
        *("upserted_ids", "bulk_api_result"),
    ),
}


@dataclass
class Outcome:
    """A value or an error as text, the texts of its error messages, and the commands that were sent."""

    value: str
    messages: list[str]
    commands: list[str] = field(default_factory=list)


class Reader:
    """Reads the values of one run; generated ids are numbered in the order in which they are met."""

    def __init__(self) -> None:
        self._ids: dict[Any, int] = {}
        self.messages: list[str] = []

    def returned(self, value: Any) -> Outcome:
        return Outcome(self.text(value), self.messages)

    def raised(self, error: BaseException) -> Outcome:
        return Outcome(f"raises {self._error(error)}", self.messages)

    def commands(self, requests: list[Request]) -> list[str]:
        return [self._command(request) for request in requests]

    def text(self, value: Any) -> str:
        """A value of any kind."""
        value = bare(value)
        name = type(value).__name__
        if isinstance(value, BaseException):
            return self._error(value)
        if isinstance(value, type):
            return f"class {value.__name__}"
        if name == "ObjectId":
            return f"ObjectId#{self._number(value)}"
        if name == "RawBSONDocument":
            return f"RawBSONDocument({self._mapping(value)})"
        if isinstance(value, dict):
            return ("" if name == "dict" else name) + self._mapping(value)
        if isinstance(value, list | tuple):
            return ("" if name in ("list", "tuple") else name) + self._sequence(value)
        if name in _RESULTS:
            return self._result(value, name)
        return self._other(value, name)

    def _other(self, value: Any, name: str) -> str:
        if value is None or type(value) in (bool, int, float, str, bytes):
            return same_names(repr(value))
        if isinstance(value, datetime.datetime):
            return _date(value)
        if isinstance(value, collections.abc.Mapping):
            return f"{name}({self._mapping(value)})"
        if "Cursor" in name or "ChangeStream" in name or "ClientSession" in name:
            return name
        return f"{name}: {same_names(repr(value))}"

    def _mapping(self, value: Any) -> str:
        pairs = (
            f"{same_names(repr(key))}: {self.text(value[key])}" for key in value if key not in _SERVERS_OWN
        )
        return "{" + ", ".join(pairs) + "}"

    def _sequence(self, value: Any) -> str:
        left, right = "[]" if isinstance(value, list) else "()"
        if len(value) > _LONG:
            return f"{left}{self.text(value[0])}, ({len(value)} in all), {self.text(value[-1])}{right}"
        return left + ", ".join(map(self.text, value)) + right

    def _result(self, value: Any, name: str) -> str:
        parts = [f"{name}(acknowledged={value.acknowledged}"]
        for attribute in _RESULTS[name]:
            try:
                part = self.text(getattr(value, attribute))
            except Exception as error:
                part = f"raises {self._error(error)}"
            parts.append(f"{attribute}={part}")
        return ", ".join(parts) + ")"

    def _error(self, error: BaseException) -> str:
        self.messages.append(_message(error))
        family = [base.__name__ for base in type(error).__mro__]
        end = family.index("PyMongoError") if "PyMongoError" in family else 0
        parts = [" < ".join(family[: end + 1])]
        shown = [name for name in _ERROR_ATTRIBUTES if end and hasattr(error, name)]
        parts += [f"{name}={self.text(getattr(error, name))}" for name in shown]
        if has_label := getattr(error, "has_error_label", None):
            parts.append(f"labels={[label for label in _LABELS if has_label(label)]}")
        if error.__cause__ is not None:
            parts.append(f"cause={type(error.__cause__).__name__}")
        return " ".join(parts)

    def _number(self, value: Any) -> int:
        return self._ids.setdefault(str(value), len(self._ids) + 1)

    def _command(self, request: Request) -> str:
        parts = dict(request)
        if "lsid" in parts:
            parts["lsid"] = f"session#{self._number(parts['lsid']['id'])}"
        if "txnNumber" in parts:
            parts["txnNumber"] = "number"
        if "getMore" in parts:
            parts["getMore"] = "cursor"
        if isinstance(parts.get("maxTimeMS"), int) and parts["maxTimeMS"] % 10:
            parts["maxTimeMS"] = (
                "what is left"  # Of a timeout for the whole operation; others here are round.
            )
        if "afterClusterTime" in parts.get("readConcern", ()):
            parts["readConcern"] = {**parts["readConcern"], "afterClusterTime": "time"}
        if parts.get("comment", ...) is None:
            del parts["comment"]  # PyMongo sends one when it drops a database.
        # Of no use where there is no reply; PyMongo sends it with some of these.
        gossips = ["$clusterTime"] if "$clusterTime" in parts and "(unacknowledged)" not in parts else []
        first, *rest = [key for key in parts if key not in _SERVERS_OWN]
        return ", ".join([*(f"{key}={self.text(parts[key])}" for key in (first, *sorted(rest))), *gossips])


def _date(value: datetime.datetime) -> str:
    age = datetime.datetime.now(value.tzinfo and datetime.UTC).astimezone(datetime.UTC) - (
        value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    )
    return f"NOW in {value.tzinfo}" if abs(age) < _RECENT else repr(value)


def same_names(text: str) -> str:
    """A text without what differs between drivers by nature or from run to run."""
    text = re.sub(r"0x[0-9a-f]{8,}", "ADDRESS", text)
    for name in ("bson", "gridfs"):
        text = text.replace(f"petiole.{name}", name)
    text = text.replace("petiole", "pymongo")
    text = re.sub(r"ObjectId\('[0-9a-f]{24}'\)", "ObjectId(ID)", text)
    text = re.sub(r"host=\[([^]]*)\]", lambda found: f"host={sorted(found[1].split(', '))}", text)
    # The server says so or not, depending on when the time ran out.
    text = text.replace("Executor error during find command :: caused by :: ", "")
    text = re.sub(r"Timestamp\(1\d{9}, \d+\)", "Timestamp(NOW)", text)
    text = re.sub(r"\b82[0-9A-F]{26,}", "TOKEN", text)
    text = re.sub(r"\bcursor \d+", "cursor ID", text)
    # PyMongo does not keep the server session of a session that nobody has ended; others count on with it.
    text = re.sub(r"(txnNumber: |in transaction )\d+", r"\1NUMBER", text)
    text = re.sub(r"<TopologyDescription id: [0-9a-f]{24}", "<TopologyDescription id: ID", text)
    text = re.sub(r"(remaining timeout:|round trip time:)-?[0-9.e-]+", r"\1TIME", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    return re.sub(r"rtt: [0-9.e-]+", "rtt: TIME", text)


def _message(error: BaseException) -> str:
    text = same_names(str(error))
    # The interpreter's own complaint about arguments names the function, which is named otherwise inside.
    text = re.sub(r"^[\w.<>]+\(\) ", "", text)
    # PyMongo adds links to its manual, and the reply, which is compared as `details`.
    text = re.sub(r",? ?(See|see:?|For more).{0,40}https?://\S+", "", text)
    return re.sub(r", full error: .*", "", text, flags=re.DOTALL)
