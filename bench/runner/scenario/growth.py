"""growth.py - how figures change with users, apps, values and days.

Every point is measured beside the bare server in the same minute.
"""

from runner import written
from runner.watch import Watch

DEPTHS = (1, 16)
USERS = 100000
MANY_USERS = 10000000
MEGABYTE = 1e6

HEADINGS = ("", "of bare, %", "16 ahead, %", "CPU, x", "16 ahead, x",
            "p99, ms", "bare p99, ms", "memory, MB", "checkpoint, s",
            "written, B/session")

# What grows, the flag of the generator, and its values.
CURVES = (
    ("users", "devices", (10000, 100000, 1000000)),
    ("apps", "apps", (1, 100, 10000)),
    ("values of a metric", "values", (10, 100, 1000)),
    ("days of history", "days", (1, 30, 365, 730)),
)


def _pairs(bench, data, bare, flags):
    """The figures of both servers at each depth, and the memory."""
    with bench.tallyd(data) as server:
        with Watch(server) as watch:
            pairs = [bench.pair(bare, server, depth, **flags)
                     for depth in DEPTHS]
        server.stop()
    return pairs, max(watch.memory) / MEGABYTE


def _checkpoint(bench, data, flags):
    figures = written.count(bench, data, **flags)
    if figures is None:
        return ("", "")
    return (figures["checkpoint_seconds"],
            figures["a_session"] or "others write")


def _cpu(pair):
    base, own = pair
    return own["cpu_us"] / base["cpu_us"] if base["cpu_us"] else 0


def _point(bench, bare, label, flags):
    users = flags["devices"]
    rest = {name: value for name, value in flags.items()
            if name not in ("devices", "apps")}
    with bench.directory() as data:
        bench.populate(data, users, flags.get("apps", 1), **rest)
        pairs, memory = _pairs(bench, data, bare, flags)
        checkpoint = _checkpoint(bench, data, flags)
    ratios = [100 * own["rate"] / base["rate"] for base, own in pairs]
    base, own = pairs[0]
    return (label, *ratios, *map(_cpu, pairs), own["p99_ms"], base["p99_ms"],
            memory, *checkpoint)


def _curve(bench, bare, flag, values):
    rows = []
    for value in values:
        bench.say(f"{flag} {value}")
        flags = {"devices": USERS, flag: value}
        rows.append(_point(bench, bare, str(value), flags))
    return rows


def run(bench):
    """A table for each curve."""
    for what, flag, values in CURVES:
        if flag == "devices" and bench.plan.is_full:
            values += (MANY_USERS,)
        with bench.bare() as bare:
            bench.report.add_table(what, HEADINGS,
                                   _curve(bench, bare, flag, values))
