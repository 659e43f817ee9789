"""main.py - the command line of the runner."""

import argparse
import importlib
import os
import signal
import sys
import time

from runner import machine
from runner.bench import PLANS, Bench, Plan
from runner.failure import Failure
from runner.report import Report

SCENARIOS = {
    "targets": "every target of speed and size (the default)",
    "quick": "the same in two minutes, with fewer users",
    "growth": "with more users, apps, values, days (--full: 10M users)",
    "overload": "three and five times what it can take",
    "threads": "with 1, 2 and 3 threads for sockets",
    "micro": "instructions and allocations of single functions",
    "peers": "beside stores that others use",
}
UNPINNED = ("threads", "peers")


def _parser():
    names = "\n".join(f"  {name:9} {what}"
                      for name, what in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="./dev bench", description="Scenarios:\n" + names,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("name", nargs="?", default="targets",
                        choices=[*SCENARIOS, "help"], metavar="NAME",
                        help="a scenario")
    parser.add_argument("--seconds", type=int, help="of one measurement")
    parser.add_argument("--repetitions", type=int)
    parser.add_argument("--users", type=int)
    parser.add_argument("--connections", type=int)
    parser.add_argument("--pin", action=argparse.BooleanOptionalAction,
                        help="server and load on cores of their own "
                        "(except for threads and peers)")
    parser.add_argument("--full", action="store_true",
                        help="what needs much time and room, too")
    parser.add_argument("--data", metavar="DIR",
                        help="where data is made and removed; on a disk")
    parser.add_argument("--json", metavar="FILE",
                        help="every figure (build-release/bench.json)")
    return parser


def _plan(options):
    plan = PLANS.get(options.name, Plan())
    given = {field: getattr(options, field)
             for field in ("seconds", "repetitions", "users", "connections")
             if getattr(options, field)}
    return plan._replace(is_full=options.full, **given)


def _header(bench, options, facts):
    plan = bench.plan
    where = (f"server on core {bench.server_cores}, load on "
             f"{bench.load_cores}" if bench.pin else "not pinned")
    return (f"{options.name}: {plan.connections} connections, {plan.users} "
            f"users, {plan.repetitions} x {plan.seconds} s, {where}; "
            f"{facts['cores']} cores, {facts['filesystem']}, Linux "
            f"{facts['kernel']}, {facts['commit']}")


def _run(options):
    parent = options.data or options.build
    if machine.filesystem(parent) in machine.IN_MEMORY:
        raise Failure(f"{parent} is in memory; --data names one on a disk")
    pin = options.name not in UNPINNED if options.pin is None else options.pin
    bench = Bench(options.build, parent, _plan(options), pin, Report())
    facts = machine.facts(parent)
    print(_header(bench, options, facts), flush=True)
    started = time.monotonic()
    try:
        importlib.import_module("runner.scenario." + options.name).run(bench)
    finally:
        seconds = round(time.monotonic() - started)
        print(f"{bench.report.text()}\n{seconds} s")
        bench.report.write(
            options.json or os.path.join(options.build, "bench.json"),
            name=options.name, machine=facts, pinned=pin, seconds=seconds,
            plan=bench.plan._asdict())


def _end(*_):
    sys.exit(130)


def main():
    """Runs a scenario; the exit code."""
    options = _parser().parse_args()
    if options.name == "help":
        _parser().print_help()
        return 0
    signal.signal(signal.SIGTERM, _end)
    try:
        _run(options)
    except KeyboardInterrupt:
        return 130
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    return 0
