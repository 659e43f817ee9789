"""latency.py - how long a durable answer takes at half of the saturation,
without and during checkpoints."""

from runner.disk import Disk
from runner.watch import Watch

CONNECTIONS = 64
CALM = ("--store.overlay", "2g")  # no checkpoint within a run
BUSY = ("--store.checkpoint_s", "1")  # one after the other


def _at(bench, server, rate):
    return bench.load(server, "latency", connections=CONNECTIONS, rate=rate,
                      devices=bench.plan.users, seconds=bench.plan.seconds)


def calm(bench, data, bare, rate):
    """Beside twice the bare server's and two syncs of this disk."""
    disk = Disk(data)
    bench.clean(data)
    with bench.tallyd(data, *CALM) as server:
        for _ in range(bench.plan.repetitions):
            sync = disk.sync_ms()
            bound = 2 * _at(bench, bare, rate)["p99_ms"] + 2 * sync
            p99 = _at(bench, server, rate)["p99_ms"]
            bench.report.add("p99", 100 * p99 / bound)
            bench.report.keep("p99", sync_ms=sync, bound_ms=bound, p99_ms=p99)
        server.stop()


def busy(bench, data, rate):
    """While checkpoints follow each other."""
    with bench.tallyd(data, *BUSY) as server:
        for _ in range(bench.plan.repetitions):
            with Watch(server) as watch:
                p99 = _at(bench, server, rate)["p99_ms"]
            bench.report.add("p99_checkpoint", p99)
            bench.report.keep("p99_checkpoint", p99_ms=p99,
                              checkpoint_percent=watch.checkpoint_percent())
        server.stop()
