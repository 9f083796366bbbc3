"""Every exception the driver raises, with PyMongo's names, hierarchy and attributes.

This module owns the classes and what can be read off them: labels, codes, the server's reply, whether a
deadline was the cause. It decides nothing: which reply becomes which error is settled in ``_commands``, what is
retried in ``_retry``. It imports no other layer. Labels follow the specifications' section "Error Labels"
(transactions, retryable writes and reads).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from petiole.bson.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from petiole.results import ClientBulkWriteResult

_MAX_TIME_MS_EXPIRED = 50
_BULK_WRITE_FAILED = 65
# A summary names this many failures and counts the rest: a batch may hold 100,000 of them.
_SUMMARISED_FAILURES = 3


class PyMongoError(Exception):
    """Base class of all errors of the driver."""

    _attempted: ClassVar[bool] = False
    """Whether something was sent, or a connection at least begun."""

    def __init__(self, message: str = "", error_labels: Iterable[str] | None = None) -> None:
        super().__init__(message)
        self._message = message
        self._error_labels = set(error_labels or [])

    def has_error_label(self, label: str) -> bool:
        """Whether the server or the driver put `label` on this error."""
        return label in self._error_labels

    def _add_error_label(self, label: str) -> None:
        self._error_labels.add(label)

    def _remove_error_label(self, label: str) -> None:
        self._error_labels.discard(label)

    @property
    def timeout(self) -> bool:
        """True if this error was caused by a timeout."""
        return False


class ProtocolError(PyMongoError):
    """The wire protocol was violated."""

    _attempted = True


class ConnectionFailure(PyMongoError):
    """A connection to the database cannot be made or was lost."""

    _attempted = True


class WaitQueueTimeoutError(ConnectionFailure):
    """No connection became free in the pool in time (``waitQueueTimeoutMS`` or the operation's timeout)."""

    _attempted = False

    @property
    def timeout(self) -> bool:
        return True


def _with_full_error(message: str, details: object) -> str:
    # A reply may hold unpaired surrogates; repr escapes them, so the text stays encodable.
    return f"{message}, full error: {details}" if details is not None else message


class AutoReconnect(ConnectionFailure):
    """A connection was lost, and a later operation will try to connect anew.

    `errors` and `details` hold what is known of the cause: the server's reply, or one error per server.
    """

    errors: Mapping[str, Any] | Sequence[Any]
    details: Mapping[str, Any] | Sequence[Any]

    def __init__(self, message: str = "", errors: Mapping[str, Any] | Sequence[Any] | None = None) -> None:
        labels = errors.get("errorLabels") if isinstance(errors, dict) else None
        super().__init__(message, labels)
        self.errors = self.details = errors or []


class NetworkTimeout(AutoReconnect):
    """An exchange on an open connection took longer than ``socketTimeoutMS`` or the operation's timeout.

    Whether the server carried the operation out is unknown.
    """

    @property
    def timeout(self) -> bool:
        return True


class NotPrimaryError(AutoReconnect):
    """The server answered "not primary" or "node is recovering"."""

    def __init__(self, message: str = "", errors: Mapping[str, Any] | list[Any] | None = None) -> None:
        super().__init__(_with_full_error(message, errors), errors)


class ServerSelectionTimeoutError(AutoReconnect):
    """No server suited the operation within ``serverSelectionTimeoutMS`` or the operation's timeout."""

    _attempted = False

    @property
    def timeout(self) -> bool:
        return True


class ConfigurationError(PyMongoError):
    """Something is configured wrongly."""


class OperationFailure(PyMongoError):
    """A command failed on the server."""

    _attempted = True

    def __init__(
        self,
        error: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        max_wire_version: int | None = None,
    ) -> None:
        labels = details.get("errorLabels") if details is not None else None
        super().__init__(_with_full_error(error, details), labels)
        self._code = code
        self._details = details
        self._wire_version = max_wire_version

    @property
    def code(self) -> int | None:
        """The error code of the server, if any."""
        return self._code

    @property
    def details(self) -> Mapping[str, Any] | None:
        """The complete error document of the server."""
        return self._details

    @property
    def _max_wire_version(self) -> int | None:
        return self._wire_version

    @property
    def _base_backoff_ms(self) -> int | None:
        return None if self._details is None else self._details.get("baseBackoffMS")

    @property
    def timeout(self) -> bool:
        return self._code == _MAX_TIME_MS_EXPIRED


class CursorNotFound(OperationFailure):
    """The cursor does not exist on the server (any more)."""


class ExecutionTimeout(OperationFailure):
    """The server stopped the operation because its ``maxTimeMS`` ran out."""

    @property
    def timeout(self) -> bool:
        return True


class WriteConcernError(OperationFailure):
    """The write was done, but not as its write concern demands."""


class WriteError(OperationFailure):
    """A single write failed."""


class WTimeoutError(WriteConcernError):
    """The write concern was not met within its ``wtimeout``; the write itself was not undone."""

    @property
    def timeout(self) -> bool:
        return True


class DuplicateKeyError(WriteError):
    """An insert or update broke a unique index."""


def _wtimeout_error(error: Mapping[str, Any]) -> bool:
    """Whether this write concern error is a timeout."""
    return error.get("code") == _MAX_TIME_MS_EXPIRED or bool(
        (error.get("errInfo") or {}).get("wtimeout", False)
    )


def _failure_text(failure: Mapping[str, Any]) -> str:
    place = f"operation {failure['index']}: " if "index" in failure else ""
    name = failure.get("codeName", failure.get("code"))
    reason = failure.get("errmsg") or "no reason given"
    return f"{place}{reason}" + (f" ({name})" if name is not None else "")


def _listed(noun: str, failures: Sequence[Mapping[str, Any]]) -> str:
    shown = "; ".join(_failure_text(failure) for failure in failures[:_SUMMARISED_FAILURES])
    rest = len(failures) - _SUMMARISED_FAILURES
    more = f"; and {rest} more" if rest > 0 else ""
    return f"{len(failures)} {noun}{'s' if len(failures) > 1 else ''} ({shown}{more})"


def _bulk_summary(details: Mapping[str, Any]) -> str:
    """One line that says which operations failed and why, before the full document."""
    parts = [
        _listed(noun, failures)
        for noun, key in (("write error", "writeErrors"), ("write concern error", "writeConcernErrors"))
        if (failures := _failures(details, key))
    ]
    if (error := details.get("error")) is not None:
        parts.append(f"stopped by {type(error).__name__}: {error}")
    return "batch op errors occurred" + (": " + ", ".join(parts) if parts else "")


def _failures(details: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = details.get(key) or []
    return [item for item in value if hasattr(item, "get")]


class BulkWriteError(OperationFailure):
    """At least one write of a bulk write on a collection failed.

    `details` holds ``writeErrors`` (each with ``index``, ``code``, ``errmsg`` and ``op``),
    ``writeConcernErrors`` and the counts ``nInserted``, ``nUpserted``, ``nMatched``, ``nModified``, ``nRemoved``
    of what was done.
    """

    def __init__(self, results: Mapping[str, Any]) -> None:
        super().__init__(_bulk_summary(results), _BULK_WRITE_FAILED, results)

    @property
    def details(self) -> Mapping[str, Any]:
        return self._details or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (self._details,), self.__dict__

    @property
    def timeout(self) -> bool:
        concern_errors = self.details.get("writeConcernErrors", [])
        if concern_errors and _wtimeout_error(concern_errors[-1]):
            return True
        write_errors = self.details.get("writeErrors", [])
        return bool(write_errors) and write_errors[-1].get("code") == _MAX_TIME_MS_EXPIRED


class ClientBulkWriteException(OperationFailure):
    """At least one write of a client's bulk write failed, or a top-level error stopped it."""

    verbose: bool

    def __init__(self, results: Mapping[str, Any], verbose: bool) -> None:
        super().__init__(_bulk_summary(results), _BULK_WRITE_FAILED, results)
        self.verbose = verbose

    @property
    def details(self) -> Mapping[str, Any]:
        return self._details or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (self._details, self.verbose), self.__dict__

    @property
    def error(self) -> Any | None:
        """The top-level error that stopped the bulk write, if there was one."""
        return self.details.get("error", None)

    @property
    def write_concern_errors(self) -> list[Any] | None:
        """The write concern errors met while the bulk write ran."""
        return list(self.details.get("writeConcernErrors", []))

    @property
    def write_errors(self) -> list[Any] | None:
        """The errors of single writes."""
        return list(self.details.get("writeErrors", []))

    @property
    def partial_result(self) -> ClientBulkWriteResult | None:
        """What was done before the error; None if nothing is known to have succeeded."""
        if not self.details.get("anySuccessful"):
            return None
        from petiole.results import ClientBulkWriteResult

        return ClientBulkWriteResult(dict(self.details), acknowledged=True, has_verbose_results=self.verbose)


class InvalidOperation(PyMongoError):
    """The client asked for something that makes no sense."""


class InvalidName(PyMongoError):
    """A name is invalid, of a database or a collection for instance."""


class CollectionInvalid(PyMongoError):
    """Validating a collection failed, or it exists already."""


class InvalidURI(ConfigurationError):
    """A connection string cannot be parsed."""


class DocumentTooLarge(InvalidDocument):
    """An encoded document is larger than the server accepts."""


class EncryptionError(PyMongoError):
    """Encryption or decryption failed; `cause` is the exception of the library that did it."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self._cause = cause

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (self._cause,), self.__dict__

    @property
    def cause(self) -> Exception:
        """The exception that caused this one."""
        return self._cause

    @property
    def timeout(self) -> bool:
        return isinstance(self._cause, PyMongoError) and self._cause.timeout


class EncryptedCollectionError(EncryptionError):
    """Creating an encrypted collection failed half-way."""

    def __init__(self, cause: Exception, encrypted_fields: Mapping[str, Any]) -> None:
        super().__init__(cause)
        self._encrypted_fields = encrypted_fields

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (self._cause, self._encrypted_fields), self.__dict__

    @property
    def encrypted_fields(self) -> Mapping[str, Any]:
        """The encrypted fields with those data keys that were made before the failure."""
        return self._encrypted_fields


class _OperationCancelled(AutoReconnect):
    """A monitor's check or an operation's exchange was cancelled from within the driver."""
