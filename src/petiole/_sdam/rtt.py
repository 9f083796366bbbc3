"""Round trip times of one server, smoothed.

Owns: the weighted average and the minimum of recent samples, as an immutable value. Times are seconds.
Follows: Server Selection, "Round Trip Times and the Latency Window"; Server Monitoring, "Measuring RTT";
Client Side Operations Timeout, "Minimum RTT".
"""

from typing import Final, NamedTuple

ALPHA: Final = 0.2
RECENT_SAMPLES: Final = 10
"""The minimum is taken over as many samples."""


def weighted_average(average: float | None, sample: float) -> float:
    """The new exponentially weighted moving average; the first sample is the average."""
    return sample if average is None else ALPHA * sample + (1 - ALPHA) * average


class RoundTripTimes(NamedTuple):
    """The samples of one server so far. Start with `RoundTripTimes()`, also after the server was lost."""

    average: float | None = None
    recent: tuple[float, ...] = ()

    def with_sample(self, sample: float) -> "RoundTripTimes":
        """The times with one more sample; a negative one (of a clock that jumped) changes nothing."""
        if sample < 0:
            return self
        return RoundTripTimes(
            weighted_average(self.average, sample), (*self.recent, sample)[-RECENT_SAMPLES:]
        )

    @property
    def minimum(self) -> float:
        """The least of the recent samples, 0 while there are fewer than two: one sample is no evidence."""
        return min(self.recent) if len(self.recent) > 1 else 0.0
