"""target.py - what is asked for, and whether figures meet it."""

from typing import NamedTuple, Optional

from runner import sample

HOLDS = "holds"
MISSED = "missed"
MOONSHOT = "moonshot"
NOT_MEASURED = "not measured"
NO_TARGET = "-"


class Target(NamedTuple):
    """One row: at most (`<=`) or at least (`>=`) the bound."""

    key: str
    what: str
    unit: str
    sense: str
    bound: Optional[float] = None
    moonshot: Optional[float] = None

    def meets(self, value, bound):
        """Whether a value is on the good side of a bound."""
        return value <= bound if self.sense == "<=" else value >= bound

    def verdict(self, values):
        """What the median of the values comes to."""
        if not values:
            return NOT_MEASURED
        if self.bound is None:
            return NO_TARGET
        value = sample.median(values)
        if self.moonshot is not None and self.meets(value, self.moonshot):
            return MOONSHOT
        return HOLDS if self.meets(value, self.bound) else MISSED

    def bound_text(self, bound):
        """`<= 2 ms`, or nothing without a bound."""
        if bound is None:
            return ""
        return f"{self.sense} {sample.text(bound)} {self.unit}".rstrip()
