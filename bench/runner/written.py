"""written.py - bytes that reach the disk for one session: log, checkpoint and
what the file system adds.

One checkpoint is made to hold all sessions: overlay and log have room for
them, and it starts by its age. The log's files are there before, as they are
in a server that has run for a while.
"""

import os
import time

from runner.bench import BY_AGE
from runner.disk import Disk

IDLE_SECONDS = 3
OTHERS_AT_MOST = 0.25
DEPTH = 16


def own_bytes(total, others):
    """What is left; None when the others write too much to tell."""
    if others > OTHERS_AT_MOST * total:
        return None
    return total - others


def _sessions(bench, server, flags):
    bench.load(server, "written", depth=DEPTH, warmup=0,
               requests=bench.plan.sessions, **flags)
    seconds = server.wait_for_checkpoint()
    os.sync()
    return seconds


def _counted(bench, server, disk, flags):
    idle = [disk.background(IDLE_SECONDS)]
    before, since = disk.written(), time.monotonic()
    seconds = _sessions(bench, server, flags)
    total, took = disk.written() - before, time.monotonic() - since
    idle.append(disk.background(IDLE_SECONDS))
    others = took * sum(idle) / len(idle)
    own = own_bytes(total, others)
    sessions = bench.plan.sessions
    figures = {"sessions": sessions, "bytes": total, "idle_bytes": others,
               "idle_bytes_a_second": idle, "checkpoint_seconds": seconds,
               "gross": total / sessions,
               "a_session": None if own is None else own / sessions}
    bench.report.keep("written", flags=flags, **figures)
    return figures


def count(bench, data, **flags):
    """Bytes `a_session`, None when they cannot be told, and how long the
    checkpoint took; None for a disk that the kernel does not count."""
    disk = Disk(data)
    if not disk.is_counted():
        return None
    bench.clean(data)
    age = ("--store.checkpoint_s", str(bench.plan.checkpoint_seconds))
    with bench.tallyd(data, *BY_AGE, *age) as server:
        bench.say("filling the log's files once")
        _sessions(bench, server, flags)
        bench.say("counting what is written")
        figures = _counted(bench, server, disk, flags)
        server.stop()
    return figures


def measure(bench, data, key, users):
    """Adds the bytes of one session to a row."""
    figures = count(bench, data, devices=users)
    if figures is None:
        bench.report.leave_out(key, "the kernel does not count this disk")
    elif figures["a_session"] is None:
        bench.report.leave_out(key, "others write as much")
    else:
        bench.report.add(key, figures["a_session"])
