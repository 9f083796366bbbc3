"""The server's error codes that mean something to a driver, by the specification that names them.

Pure tables and the questions asked of them; codes and names are the server's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Server Discovery and Monitoring, "not writable primary and node is recovering".
NODE_IS_RECOVERING = frozenset(
    {
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13436,  # NotPrimaryOrSecondary
        189,  # PrimarySteppedDown
        91,  # ShutdownInProgress
    }
)
NOT_WRITABLE_PRIMARY = frozenset(
    {
        10107,  # NotWritablePrimary
        13435,  # NotPrimaryNoSecondaryOk
        10058,  # LegacyNotPrimary
    }
)
# Of these the first mean that the server goes away, so its pool is cleared too.
NODE_IS_SHUTTING_DOWN = frozenset({11600, 91})

# Retryable Writes, "determining retryable errors": what a server older than the label means by it.
RETRYABLE_WRITE = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)
# Retryable Reads, "retryable error": the same codes.
RETRYABLE_READ = RETRYABLE_WRITE

DUPLICATE_KEY = frozenset({11000, 11001, 12582})
CURSOR_NOT_FOUND = 43
MAX_TIME_MS_EXPIRED = 50
NAMESPACE_NOT_FOUND = 26
UNAUTHORIZED = 13
COMMAND_NOT_FOUND = 59
COMMAND_NOT_SUPPORTED_ON_VIEW = 166
REAUTHENTICATION_REQUIRED = 391
# Retryable Writes: a storage engine without retryable writes answers code 20 with this text.
ILLEGAL_OPERATION = 20
_NO_RETRYABLE_WRITES = "Transaction numbers"

# Server Discovery and Monitoring: where there is no code, the message decides.
_NOT_PRIMARY_TEXT = "not master"
_RECOVERING_TEXTS = ("not master or secondary", "node is recovering")


def is_node_recovering(reply: Mapping[str, Any]) -> bool:
    """Whether the server says it recovers, or goes away."""
    code = reply.get("code")
    if code is not None:
        return code in NODE_IS_RECOVERING
    text = reply.get("errmsg") or ""
    return any(part in text for part in _RECOVERING_TEXTS)


def is_not_primary(reply: Mapping[str, Any]) -> bool:
    """Whether the server says it is not a writable primary."""
    code = reply.get("code")
    if code is not None:
        return code in NOT_WRITABLE_PRIMARY
    return _NOT_PRIMARY_TEXT in (reply.get("errmsg") or "") and not is_node_recovering(reply)


def is_state_change(reply: Mapping[str, Any]) -> bool:
    """Whether the reply (or write concern error) says that the server's state is not what we think."""
    return is_not_primary(reply) or is_node_recovering(reply)


def is_shutting_down(reply: Mapping[str, Any]) -> bool:
    """Whether the server goes away."""
    return reply.get("code") in NODE_IS_SHUTTING_DOWN


def lacks_retryable_writes(reply: Mapping[str, Any]) -> bool:
    """Whether the storage engine knows no retryable writes."""
    return reply.get("code") == ILLEGAL_OPERATION and (reply.get("errmsg") or "").startswith(
        _NO_RETRYABLE_WRITES
    )
