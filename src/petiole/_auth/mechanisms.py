"""The mechanisms' names, and those of the properties that a connection string may set. Pure.

Apart from `credentials`, which only a client that authenticates needs: every client knows the options.
"""

from __future__ import annotations

MECHANISMS = frozenset(
    {
        "DEFAULT",
        "GSSAPI",
        "MONGODB-AWS",
        "MONGODB-OIDC",
        "MONGODB-X509",
        "PLAIN",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
    }
)
# The properties a connection string may set; callbacks and allowed hosts come by keyword only.
MECHANISM_PROPERTIES = frozenset(
    {
        "AWS_SESSION_TOKEN",
        "CANONICALIZE_HOST_NAME",
        "ENVIRONMENT",
        "SERVICE_HOST",
        "SERVICE_NAME",
        "SERVICE_REALM",
        "TOKEN_RESOURCE",
    }
)
_CANONICALIZE = (False, True, "none", "forward", "forwardAndReverse")


def canonical_host_name_option(value: str | bool) -> str | bool:
    """CANONICALIZE_HOST_NAME as GSSAPI takes it.

    :raises ValueError: if there is no such choice.
    """
    choice = {"false": False, "true": True}.get(value, value) if isinstance(value, str) else value
    if choice not in _CANONICALIZE:
        raise ValueError(f"CANONICALIZE_HOST_NAME '{choice}' not in valid options: {list(_CANONICALIZE)}")
    return choice
