"""threads.py - whether more threads for sockets help on this machine."""

from runner.sample import median

COUNTS = (1, 2, 3)
DEPTHS = (1, 16)
FLAG = "--io-threads"
HEADINGS = ("threads", "requests ahead", "req/s", "of bare, %", "of 1, %",
            "CPU, us/req", "p50, ms", "p99, ms")


def _repeat(bench, data, bare, depth):
    """The figures by count of threads, each in turn; 0 is the bare server."""
    flags = {"depth": depth, "devices": bench.plan.users,
             "seconds": bench.plan.seconds}
    figures = {0: bench.load(bare, "threads", **flags)}
    for count in COUNTS:
        with bench.tallyd(data, FLAG, str(count)) as server:
            figures[count] = bench.load(server, f"{count} threads", **flags)
            server.stop()
    return figures


def _row(count, depth, repeats):
    def middle(field, other=None):
        """The median of a field, in percent of another count's."""
        return median([
            each[count][field] if other is None else
            100 * each[count][field] / each[other][field]
            for each in repeats])

    return (str(count), str(depth), middle("rate"), middle("rate", 0),
            middle("rate", 1), middle("cpu_us"), middle("p50_ms"),
            middle("p99_ms"))


def run(bench):
    """One table, a row for each count and depth."""
    rows = []
    with bench.directory() as data, bench.bare() as bare:
        bench.populate(data, bench.plan.users)
        for depth in DEPTHS:
            repeats = []
            for turn in range(bench.plan.repetitions):
                bench.say(f"{depth} ahead, {turn + 1} of "
                          f"{bench.plan.repetitions}")
                repeats.append(_repeat(bench, data, bare, depth))
            rows += [_row(count, depth, repeats) for count in COUNTS]
    bench.report.add_table("threads for sockets", HEADINGS, rows)
