"""load.py - the load generator as a call."""

import json
import os
import subprocess
import tempfile

from runner.failure import Failure
from runner.server import pinned
from runner.tallyd import app_key

EXTRA_SECONDS = 60
REQUESTS_A_SECOND = 2000  # slower than this is taken for a hang


def command(binary, server, flags):
    """The command line; a flag's name has dashes for underscores."""
    line = [binary, "--port", str(server.port), "--app-key", app_key(0),
            "--pid", str(server.pid)]
    for name, value in flags.items():
        line += ["--" + name.replace("_", "-"), str(value)]
    return line


def timeout_of(flags):
    """Seconds after which a run is given up."""
    return (flags.get("seconds", 10) + flags.get("warmup", 1) +
            flags.get("requests", 0) / REQUESTS_A_SECOND + EXTRA_SECONDS)


def run(binary, server, cores, **flags):
    """What the generator measured."""
    with tempfile.TemporaryDirectory() as work:
        result = os.path.join(work, "json")
        line = command(binary, server, {**flags, "json": result})
        try:
            done = subprocess.run(
                pinned(line, cores), capture_output=True, text=True,
                timeout=timeout_of(flags), check=False)
        except subprocess.TimeoutExpired:
            raise Failure("load does not end") from None
        if done.returncode != 0:
            raise Failure(f"load on {server.name}: {done.stderr.strip()}"
                          f" (exit {done.returncode})")
        with open(result, encoding="utf-8") as file:
            return json.load(file)


def spawn(binary, server, cores, **flags):
    """A generator in the background; who calls ends it."""
    return subprocess.Popen(
        pinned(command(binary, server, flags), cores),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
