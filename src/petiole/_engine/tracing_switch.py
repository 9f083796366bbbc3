"""Whether a client is to be traced: the question that every client asks, without knowing how to trace.

Follows the OpenTelemetry specification, "Enabling, Disabling, and Configuring OpenTelemetry".
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENABLED = "OTEL_PYTHON_INSTRUMENTATION_MONGODB_ENABLED"


def traced(options: Mapping[str, Any]) -> bool:
    """What the client's option `tracing` says, or else the environment."""
    enabled = options.get("enabled")
    if enabled is None:
        return os.environ.get(_ENABLED, "").strip().lower() in ("1", "true", "yes")
    return bool(enabled)
