"""What the server answered, as an exception (specifications: SDAM, CRUD "Error Handling", Transactions).

Pure: a decoded reply in, an exception out, not raised. Whether the operation is sent again, and what the
topology makes of it, is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole import errors
from petiole._commands import error_codes
from petiole._sdam.errors import state_change_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole.errors import AutoReconnect, OperationFailure


_NO_RETRYABLE_WRITES = (
    "This MongoDB deployment does not support retryable writes. "
    "Please add retryWrites=false to your connection string."
)
"""In the words of the retryable writes specification ("Supported Server Versions")."""


def command_error(
    reply: Mapping[str, Any], max_wire_version: int | None = None, *, retryable_write: bool = False
) -> AutoReconnect | OperationFailure:
    """The exception for a reply whose `ok` is not 1.

    A retryable write that fails because it has a transaction number says what to do about it.
    """
    if state_change_code(reply) is not None:
        return errors.NotPrimaryError(_message(reply), reply)
    code = reply.get("code")
    kind = errors.OperationFailure
    if code in error_codes.DUPLICATE_KEY:
        kind = errors.DuplicateKeyError
    elif code == error_codes.MAX_TIME_MS_EXPIRED:
        kind = errors.ExecutionTimeout
    elif code == error_codes.CURSOR_NOT_FOUND:
        kind = errors.CursorNotFound
    message = _message(reply)
    if (
        retryable_write
        and code == error_codes.ILLEGAL_OPERATION
        and message.startswith("Transaction numbers")
    ):
        message = _NO_RETRYABLE_WRITES
    return kind(message, code, reply, max_wire_version)


def write_concern_error(
    reply: Mapping[str, Any], max_wire_version: int | None = None
) -> errors.WriteConcernError | None:
    """The exception for the write concern error in a reply that is otherwise ok, if there is one.

    Labels stand beside the error in the reply; they become the exception's.
    """
    found = reply.get("writeConcernError")
    if not found:
        return None
    details = dict(found)
    labels = reply.get("errorLabels")
    if labels:
        details["errorLabels"] = list(dict.fromkeys((*details.get("errorLabels", ()), *labels)))
    kind = errors.WTimeoutError if _is_wtimeout(details) else errors.WriteConcernError
    return kind(details.get("errmsg", ""), details.get("code"), details, max_wire_version)


def write_error(reply: Mapping[str, Any], max_wire_version: int | None = None) -> OperationFailure | None:
    """The exception for the reply to one `insert`, `update` or `delete` statement, if something went wrong.

    An error of the write itself is worse than one of its write concern, so it is the one reported.
    """
    found = reply.get("writeErrors")
    if not found:
        return write_concern_error(reply, max_wire_version)
    details = dict(found[-1])
    labels = reply.get("errorLabels")
    if labels:
        details["errorLabels"] = list(labels)
    kind = errors.DuplicateKeyError if details.get("code") in error_codes.DUPLICATE_KEY else errors.WriteError
    return kind(details.get("errmsg", ""), details.get("code"), details, max_wire_version)


def is_allowed(reply: Mapping[str, Any], allowable: Sequence[str | int] | None) -> bool:
    """Whether the caller of an arbitrary command said it can live with this error.

    It is known by its code; by its message only where an old server sent no code.
    """
    if not allowable:
        return False
    code = reply.get("code")
    return (reply.get("errmsg") if code is None else code) in allowable


def _message(reply: Mapping[str, Any]) -> str:
    text = reply.get("errmsg") or reply.get("$err")
    if text:
        return str(text)
    # A mongos may report one error per shard and none of its own.
    for shard in (reply.get("raw") or {}).values():
        if shard.get("errmsg"):
            return str(shard["errmsg"])
    return "the server gave no reason"


def _is_wtimeout(error: Mapping[str, Any]) -> bool:
    return error.get("code") == error_codes.MAX_TIME_MS_EXPIRED or bool(
        (error.get("errInfo") or {}).get("wtimeout", False)
    )
