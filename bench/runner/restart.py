"""restart.py - how soon it answers after a kill -9 with a full log."""

import os
import time

from runner import load

DEPTH = 16
SLOTS = 6  # of the default
POLL_SECONDS = 0.02
NEW_USERS = 100000000


def _fill(bench, server):
    """Users never seen before make the most log; checkpoints come as they
    come."""
    client = load.spawn(
        bench.program("bench/load"), server, bench.load_cores,
        connections=bench.plan.connections, depth=DEPTH, warmup=0,
        first=bench.plan.users, devices=NEW_USERS,
        seconds=bench.plan.fill_seconds)
    try:
        while client.poll() is None and len(server.slots()) < SLOTS:
            time.sleep(POLL_SECONDS)
        server.kill()
    finally:
        client.kill()
        client.wait()


def measure(bench, data):
    """Fills the log, kills, and times the next start."""
    with bench.tallyd(data) as server:
        _fill(bench, server)
        log = sum(map(os.path.getsize, server.slots()))
    with bench.tallyd(data) as server:
        seconds = server.seconds_to_ping()
        server.stop()
    bench.report.add("restart", seconds)
    bench.report.keep("restart", seconds=seconds, log_bytes=log)
