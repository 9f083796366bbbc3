"""MONGODB-OIDC: what an application implements that brings its own tokens."""

from petiole._auth.oidc_callback import (
    CALLBACK_VERSION,
    HUMAN_CALLBACK_TIMEOUT_SECONDS,
    MACHINE_CALLBACK_TIMEOUT_SECONDS,
    TIME_BETWEEN_CALLS_SECONDS,
    TOKEN_BUFFER_MINUTES,
    OIDCCallback,
    OIDCCallbackContext,
    OIDCCallbackResult,
    OIDCIdPInfo,
)

__all__ = [
    "CALLBACK_VERSION",
    "HUMAN_CALLBACK_TIMEOUT_SECONDS",
    "MACHINE_CALLBACK_TIMEOUT_SECONDS",
    "TIME_BETWEEN_CALLS_SECONDS",
    "TOKEN_BUFFER_MINUTES",
    "OIDCCallback",
    "OIDCCallbackContext",
    "OIDCCallbackResult",
    "OIDCIdPInfo",
]
