"""How far secondaries lag behind, as far as their heartbeats tell.

Owns: the validation of `maxStalenessSeconds` against the heartbeat, and the filter.
Follows: Max Staleness, "Estimating staleness" (the formulas) and "Smallest allowed value".
"""

from typing import Final

from petiole._sdam.selectors import Selection
from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import SERVER_TYPE
from petiole.errors import ConfigurationError

IDLE_WRITE_PERIOD: Final = 10
"""Seconds between a primary's own no-op writes: an idle secondary lags by as much."""

SMALLEST_MAX_STALENESS: Final = 90


def validate(max_staleness: float, heartbeat_frequency: float) -> None:
    """Raise ConfigurationError unless heartbeats are frequent enough to tell such a staleness (seconds)."""
    if max_staleness < heartbeat_frequency + IDLE_WRITE_PERIOD:
        raise ConfigurationError(
            "maxStalenessSeconds must be at least heartbeatFrequencyMS + "
            f"{IDLE_WRITE_PERIOD} seconds. maxStalenessSeconds is set to {max_staleness}, "
            f"heartbeatFrequencyMS is set to {int(heartbeat_frequency * 1000)}."
        )
    if max_staleness < SMALLEST_MAX_STALENESS:
        raise ConfigurationError(
            f"maxStalenessSeconds must be at least {SMALLEST_MAX_STALENESS}. "
            f"maxStalenessSeconds is set to {max_staleness}."
        )


def select(max_staleness: float, selection: Selection) -> Selection:
    """The selection without secondaries that lag more than `max_staleness` seconds; -1 allows all."""
    if max_staleness == -1:
        return selection
    validate(max_staleness, selection.heartbeat_frequency)
    reference = selection.primary or selection.secondary_with_max_last_write_date()
    if reference is None:
        return selection.with_server_descriptions([])
    kept = [
        server
        for server in selection.server_descriptions
        if server.server_type != SERVER_TYPE.RSSecondary
        or _staleness(server, reference) + selection.heartbeat_frequency <= max_staleness
    ]
    return selection.with_server_descriptions(kept)


def _staleness(secondary: ServerDescription, reference: ServerDescription) -> float:
    """Seconds that the secondary is behind the primary, or else behind the freshest secondary."""
    written = secondary.last_write_date or 0.0
    reference_written = reference.last_write_date or 0.0
    if reference.server_type != SERVER_TYPE.RSPrimary:
        return reference_written - written
    # The two were asked at different moments: what the primary wrote in between is not lag.
    return (secondary.last_update_time - written) - (reference.last_update_time - reference_written)
