"""stored.py - programs that fill a directory of their own and print JSON:
what is stored, and how fast it is read."""

import json
import subprocess

from runner.failure import Failure
from runner.server import pinned

SECONDS = 600


def _ask(bench, program):
    with bench.directory() as data:
        done = subprocess.run(
            pinned([bench.program(program), data], bench.load_cores),
            capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise Failure(f"{program}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(bench, program, repetitions):
    """Adds a row for each field of its JSON that one is named after."""
    keys = {target.key for target in bench.report.targets}
    for _ in range(repetitions):
        figures = _ask(bench, program)
        bench.report.keep(program, **figures)
        for key in keys & set(figures):
            bench.report.add(key, figures[key])
