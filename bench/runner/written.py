"""written.py - bytes that reach the disk for one session: log, checkpoint and
what the file system adds.

One checkpoint is made to hold all sessions: overlay and log have room for
them, and it starts by its age. The log's files are there before, as they are
in a server that has run for a while.
"""

import os
import time

from runner.disk import Disk

IDLE_SECONDS = 5
OTHERS_AT_MOST = 0.25
FLAGS = ("--store.overlay", "2g", "--store.slots", "24",
         "--store.checkpoint_log", "500m")
DEPTH = 16


def _sessions(bench, server, users):
    bench.load(server, "written", devices=users, depth=DEPTH, warmup=0,
               requests=bench.plan.sessions)
    seconds = server.wait_for_checkpoint()
    os.sync()
    return seconds


def own_bytes(total, others):
    """What is left; None when the others write too much to tell."""
    if others > OTHERS_AT_MOST * total:
        return None
    return total - others


def measure(bench, data, key, users):
    """Adds the bytes of one session to a row."""
    disk = Disk(data)
    if not disk.is_counted():
        bench.report.leave_out(key, "the kernel does not count this disk")
        return
    bench.clean(data)
    age = ("--store.checkpoint_s", str(bench.plan.checkpoint_seconds))
    with bench.tallyd(data, *FLAGS, *age) as server:
        bench.say("filling the log's files once")
        _sessions(bench, server, users)
        bench.say("counting what is written")
        idle = disk.background(IDLE_SECONDS)
        before, since = disk.written(), time.monotonic()
        seconds = _sessions(bench, server, users)
        total = disk.written() - before
        others = idle * (time.monotonic() - since)
        server.stop()
    own, sessions = own_bytes(total, others), bench.plan.sessions
    if own is None:
        bench.report.leave_out(key, "others write as much")
    else:
        bench.report.add(key, own / sessions)
    bench.report.keep(key, users=users, sessions=sessions, bytes=total,
                      idle_bytes_a_second=idle, idle_bytes=others,
                      gross=total / sessions, checkpoint_seconds=seconds)
