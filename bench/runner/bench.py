"""bench.py - what every scenario works with: the programs that were built,
a place for data, cores, sizes, and the report."""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from typing import NamedTuple, Optional

from runner import load, machine
from runner.failure import Failure
from runner.server import Server
from runner.tallyd import Tallyd

PRELOAD_DEPTH = 16
AT_ONCE = ("--store.checkpoint_s", "1")
BY_AGE = ("--store.overlay", "2g", "--store.slots", "24",
          "--store.checkpoint_log", "1g")  # so that age alone starts one
ROOM_BYTES = 2 << 30


class Plan(NamedTuple):
    """How much of everything."""

    seconds: int = 10
    repetitions: int = 3
    connections: int = 128
    users: int = 1000000
    few_users: Optional[int] = 100000  # of a second population
    sessions: int = 700000  # to one checkpoint, for the bytes of one
    checkpoint_seconds: int = 20  # long enough for these sessions
    fill_seconds: int = 60  # at most, for a full log
    is_full: bool = False


# Of the scenarios that have another one.
PLANS = {
    "quick": Plan(seconds=3, repetitions=1, users=100000, few_users=None,
                  checkpoint_seconds=10, fill_seconds=10),
    "overload": Plan(seconds=60, repetitions=1, connections=1024),
}


class Bench:
    """One run of a scenario."""

    def __init__(self, build, parent, plan, pin, report):
        self.build = build
        self.parent = parent
        self.plan = plan
        self.pin = pin
        self.report = report
        halves = machine.halves() if pin else (None, None)
        self.server_cores, self.load_cores = halves
        self.tallyd_binary = self.program("http/tallyd")

    def program(self, name):
        """The path of one that was built."""
        path = os.path.join(self.build, name)
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} is not built")
        return path

    @contextlib.contextmanager
    def directory(self):
        """One on the disk that is measured, removed in the end."""
        made = tempfile.mkdtemp(prefix="data.", dir=self.parent)
        try:
            if shutil.disk_usage(made).free < ROOM_BYTES:
                raise Failure(f"{self.parent} has not enough room")
            yield os.path.join(made, "tallyd")
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def bare(self):
        """The server that does nothing, started."""
        return Server([self.program("bench/bare")], self.server_cores)

    def tallyd(self, data, *flags):
        """tallyd on a directory, started."""
        return Tallyd(self.tallyd_binary, data, flags, self.server_cores)

    def load(self, server, what, **flags):
        """Measures a server; the figures are kept."""
        flags = {"connections": self.plan.connections, **flags}
        result = load.run(self.program("bench/load"), server, self.load_cores,
                          **flags)
        self.report.keep(what, server=server.name, flags=flags, **result)
        return result

    def preload(self, server, users, requests=None, **flags):
        """Lets every user come once, or as often as it takes."""
        self.load(server, "preload", devices=users, depth=PRELOAD_DEPTH,
                  warmup=0, requests=max(users, requests or 0), **flags)

    def populate(self, data, users, apps=1, **flags):
        """Makes a directory with apps and users."""
        self.say(f"making {users} users")
        with self.tallyd(data) as server:
            server.create_apps(apps)
            self.preload(server, users, apps=apps, **flags)
            server.stop()
        self.clean(data)

    def clean(self, data):
        """Brings what is in the log into the base, so that the next start
        finds nothing to replay."""
        with self.tallyd(data, *AT_ONCE) as server:
            server.settle()
            server.stop()

    def pair(self, bare, server, depth, **flags):
        """Both servers on the same requests, in turn."""
        flags = {"seconds": self.plan.seconds, **flags}
        return tuple(self.load(each, "throughput", depth=depth, **flags)
                     for each in (bare, server))

    @staticmethod
    def say(text):
        """Tells who waits what goes on."""
        print(time.strftime("%T"), text, file=sys.stderr, flush=True)
