"""sample.py - the values that the repetitions gave, and what they say."""

import math


def median(values):
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def percentile(values, part):
    """The least value that this part of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]


def text(value):
    """A number with three digits that matter."""
    if isinstance(value, str):
        return value
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def spread(values):
    """The least and the greatest; nothing when there is one value."""
    if len(values) < 2:
        return ""
    return f"{text(min(values))} - {text(max(values))}"
