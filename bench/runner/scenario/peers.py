"""peers.py - how many sessions a second others store, beside tallyd in the
same run.

They get batches without HTTP for each session, which is kind to them; tallyd
gets a request for each, and bulk bodies beside that.
"""

import os
import time

from runner.peer import clickhouse, postgresql, redis, victoria
from runner.sample import median

PEERS = (redis, postgresql, victoria, clickhouse)
BATCHES = (1, 100, 1000)  # sessions in one
PREPARED = 20000  # sessions
USERS = 100000
OWN = "tallyd"
AHEAD = "tallyd, 16 ahead"
BULK = "tallyd, bulk"
HEADINGS = ("", "at once", "durable", "sessions/s", "of tallyd, %",
            "of 16 ahead, %", "a batch, ms")

# What tallyd is asked: name, sessions in a request, flags of the generator.
OWN_RUNS = (
    (OWN, 1, {"depth": 1}),
    (AHEAD, 1, {"depth": 16}),
    (BULK, 100, {"depth": 1, "form": "bulk", "bulk": 100, "connections": 8}),
    (BULK, 1000, {"depth": 1, "form": "bulk", "bulk": 1000,
                  "connections": 2}),
)


def _sent(bench, send, prepared, size):
    """Sessions a second, and the median milliseconds of a batch."""
    times = []
    start = now = time.monotonic()
    while now - start < bench.plan.seconds:
        send(prepared[len(times) % len(prepared)])
        after = time.monotonic()
        times.append((after - now) * 1e3)
        now = after
    return len(times) * size / (now - start), median(times)


def _prepare(peer, size):
    return [peer.batch(range(first, first + size))
            for first in range(0, max(size, min(PREPARED, 200 * size)), size)]


def _peer(bench, peer):
    """The figures of one, by the size of a batch."""
    bench.say(peer.NAME)
    figures = {}
    with bench.directory() as data:
        os.mkdir(data)
        with peer.started(data, bench.server_cores) as send:
            for size in BATCHES:
                prepared = _prepare(peer, size)
                figures[peer.NAME, size] = _sent(bench, send, prepared, size)
    return figures


def _own(bench, server):
    """tallyd's, by name and sessions in a request."""
    bench.say(OWN)
    figures = {}
    for name, size, flags in OWN_RUNS:
        got = bench.load(server, "peers", devices=USERS,
                         seconds=bench.plan.seconds, **flags)
        figures[name, size] = (got["sessions"] / got["seconds"],
                               got["p50_ms"])
    return figures


def _repeat(bench, server, peers):
    figures = _own(bench, server)
    for peer in peers:
        figures.update(_peer(bench, peer))
    bench.report.keep("peers", figures=[[*key, *value]
                                        for key, value in figures.items()])
    return figures


def _row(key, durable, repeats):
    rates = [each[key][0] for each in repeats]
    shares = [median([100 * each[key][0] / each[own, 1][0]
                      for each in repeats]) for own in (OWN, AHEAD)]
    return (key[0], str(key[1]), durable, median(rates), *shares,
            median([each[key][1] for each in repeats]))


def run(bench):
    """One table; who is not installed has a row that says so."""
    peers = [peer for peer in PEERS if peer.program()]
    with bench.directory() as data:
        bench.populate(data, USERS)
        with bench.tallyd(data) as server:
            repeats = [_repeat(bench, server, peers)
                       for _ in range(bench.plan.repetitions)]
            server.stop()
    durable = {peer.NAME: peer.DURABLE for peer in peers}
    rows = [_row(key, durable.get(key[0], "yes"), repeats)
            for key in repeats[0]]
    rows += [(peer.NAME, "", "", "not installed", "", "", "")
             for peer in PEERS if not peer.program()]
    bench.report.add_table("the same sessions", HEADINGS, rows)
