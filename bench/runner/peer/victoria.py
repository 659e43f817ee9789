"""victoria.py - VictoriaMetrics: the raw samples of each session, one for each
set; it adds up when it is read. What it answered is in memory for a while."""

import contextlib
import os
import shutil
import time

from runner.peer import story
from runner.peer.process import Process, free_port

NAME = "victoria-metrics"
DURABLE = "no"


def program():
    """Where it is; None when it is not installed."""
    return shutil.which("victoria-metrics")


def batch(sessions):
    """Lines of InfluxDB's protocol."""
    now = time.time_ns()
    lines = []
    for session in sessions:
        user = story.user_of(session)
        lines += [f"{name},value={user % values} t=1,user={user} "
                  f"{now + session * 1000000}"
                  for name, values in story.SETS]
    return "\n".join(lines).encode()


@contextlib.contextmanager
def started(directory, cores):
    """Gives a function that posts a batch."""
    port = free_port()
    command = [program(), "-httpListenAddr", f"127.0.0.1:{port}",
               "-storageDataPath", os.path.join(directory, "data"),
               "-retentionPeriod", "10y"]
    with Process(command, port, cores) as server:
        post = server.post()
        yield lambda prepared: post("/write", prepared)
