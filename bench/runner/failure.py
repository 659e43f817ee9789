"""failure.py - what ends a run with one line and without a trace."""


class Failure(Exception):
    """Something outside did not do what a measurement needs."""
