"""latency.py - how long a durable answer takes at saturation and at half of
it, without and during checkpoints."""

from runner import sample
from runner.bench import AT_ONCE, BY_AGE
from runner.disk import Disk
from runner.watch import Watch

CONNECTIONS = 64
CLOSED = 0  # the rate of a closed loop
FEW = 8  # connections that make much log: few requests share a block
SATURATION = 0.5


def _at(bench, server, rate):
    return bench.load(server, "latency", connections=CONNECTIONS, rate=rate,
                      devices=bench.plan.users, seconds=bench.plan.seconds)


def _beside(bench, servers, syncs, key, rate):
    """Adds a row in percent of its bound; gives the rate that was reached."""
    base, own = (_at(bench, server, rate) for server in servers)
    sync = sample.median(syncs)
    bound = 2 * base["p99_ms"] + 2 * sync
    bench.report.add(key, 100 * own["p99_ms"] / bound)
    bench.report.keep(key, sync_ms=sync,
                      sync_p99_ms=sample.percentile(syncs, 0.99),
                      bound_ms=bound, p99_ms=own["p99_ms"])
    return own["rate"]


def _note(bench, syncs):
    """Tells the sync of the bounds, and how much longer one can take."""
    middle, late = sample.median(syncs), sample.percentile(syncs, 0.99)
    bench.report.note(f"a sync of this disk: p50 {sample.text(middle)} ms, "
                      f"p99 {sample.text(late)} ms")


def _fill(bench, data):
    """Makes the log's files: an answer waits for one that is being made."""
    with bench.tallyd(data, *BY_AGE) as server:
        bench.load(server, "fill", connections=FEW, devices=bench.plan.users,
                   seconds=3 * bench.plan.seconds)
        server.stop()


def _both(bench, servers, syncs):
    """Adds to both rows; gives the rate of the closed loop."""
    rate = _beside(bench, servers, syncs, "p99", CLOSED)
    _beside(bench, servers, syncs, "p99_half", int(SATURATION * rate))
    return rate


def calm(bench, data, bare):
    """Beside twice the bare server's and two syncs of this disk; gives half
    of the rate that was reached."""
    disk = Disk(data)
    all_syncs, rates = [], []
    _fill(bench, data)
    for _ in range(bench.plan.repetitions):
        bench.clean(data)
        syncs = disk.sync_times()
        all_syncs += syncs
        with bench.tallyd(data, *BY_AGE) as server:
            rates.append(_both(bench, (bare, server), syncs))
            server.stop()
    _note(bench, all_syncs)
    return int(SATURATION * sample.median(rates))


def busy(bench, data, rate):
    """While checkpoints follow each other."""
    with bench.tallyd(data, *AT_ONCE) as server:
        for _ in range(bench.plan.repetitions):
            with Watch(server) as watch:
                p99 = _at(bench, server, rate)["p99_ms"]
            bench.report.add("p99_checkpoint", p99)
            bench.report.keep("p99_checkpoint", p99_ms=p99,
                              checkpoint_percent=watch.checkpoint_percent())
        server.stop()
