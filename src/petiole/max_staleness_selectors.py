"""The filter by `maxStalenessSeconds`. The code is in `petiole._sdam.staleness`."""

from petiole._sdam.staleness import IDLE_WRITE_PERIOD, SMALLEST_MAX_STALENESS, select

__all__ = ["IDLE_WRITE_PERIOD", "SMALLEST_MAX_STALENESS", "select"]
