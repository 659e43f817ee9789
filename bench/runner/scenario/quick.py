"""quick.py - the same in two minutes: fewer users, one repetition of 3 s."""

from runner.scenario.targets import run

__all__ = ["run"]
