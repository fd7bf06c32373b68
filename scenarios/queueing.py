"""What a queue came to over the counted time, and Little's law held against it.

Jobs that are taken up at once have waited nothing and count too. All numbers are whole seconds and jobs, so the law is
held to the digit, not within a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """One queue from the begin of counting to the end of the run.

    ``seconds``: how long was counted. ``arrivals``: jobs that joined in that time; ``at_start`` and ``at_end``: those
    that waited at its begin and at its end; ``begun``: taken up; ``withdrawn``: taken out unserved. ``queue_seconds``:
    the number of waiting jobs, summed over the counted seconds. ``wait_seconds``: the whole waits of what was begun;
    ``withdrawn_seconds``: of what was withdrawn; ``still_seconds``: of what waits at the end. ``before_seconds``: the
    part of all these waits that lies before counting began. ``longest``: most jobs that waited at one time for a second
    or more; ``longest_wait``: longest whole wait of a job that was begun, in seconds.
    """

    seconds: int
    arrivals: int
    at_start: int
    at_end: int
    begun: int
    withdrawn: int
    queue_seconds: int
    wait_seconds: int
    withdrawn_seconds: int
    still_seconds: int
    before_seconds: int
    longest: int
    longest_wait: int

    @property
    def length(self) -> float:
        """Return L, the mean number of waiting jobs."""
        return self.queue_seconds / self.seconds if self.seconds else 0.0

    @property
    def wait(self) -> float:
        """Return W, the mean seconds that a job had waited when it was taken up."""
        return self.wait_seconds / self.begun if self.begun else 0.0

    @property
    def waits_counted(self) -> int:
        """Return λW over the counted time, job by job: all waits, less what lies before it."""
        return self.wait_seconds + self.withdrawn_seconds + self.still_seconds - self.before_seconds

    @property
    def little(self) -> bool:
        """Return whether L = λW holds: queue lengths and waits sum to the same, and no job was lost or doubled."""
        kept = self.at_start + self.arrivals == self.begun + self.withdrawn + self.at_end
        return kept and self.queue_seconds == self.waits_counted


__all__ = ["QueueFigures"]
