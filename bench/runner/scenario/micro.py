"""micro.py - what single parts of the hot path cost: instructions, which do
not depend on how busy the machine is, and memory taken."""

import json
import re
import subprocess

from runner.failure import Failure
from runner.server import pinned

SECONDS = 600
ITERATIONS = 20000
COLLECTED = re.compile(r"Collected : (\d+)")
HEADINGS = ("", "instructions", "ns", "allocations", "bytes allocated")
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            "--toggle-collect=micro_measure*")


def _run(command):
    done = subprocess.run(pinned(command, None), capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
    return done


def parse_collected(text):
    """Instructions that callgrind says it has collected."""
    found = COLLECTED.search(text)
    if not found:
        raise Failure("callgrind collected nothing")
    return int(found.group(1))


def _row(bench, program, name):
    bench.say(name)
    command = [program, name, str(ITERATIONS)]
    native = json.loads(_run(command).stdout)
    counted = parse_collected(_run([*VALGRIND, *command]).stderr)
    instructions = counted / ITERATIONS
    bench.report.keep("micro", instructions=instructions, **native)
    return (name, instructions, native["ns"], native["allocations"],
            native["allocated_bytes"])


def run(bench):
    """One table, a row for each part."""
    program = bench.program("bench/micro")
    names = _run([program, "--list"]).stdout.split()
    bench.report.add_table(
        f"of one iteration, {ITERATIONS} of them", HEADINGS,
        [_row(bench, program, name) for name in names])
