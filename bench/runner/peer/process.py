"""process.py - a peer's server, from its start to its end."""

import http.client
import os
import pwd
import socket
import subprocess
import time

from runner.failure import Failure
from runner.server import pinned

START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.05


def free_port():
    """One that nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_user(name, command):
    """The command as another user, when this is root."""
    if os.geteuid() != 0:
        return list(command)
    group = str(pwd.getpwnam(name).pw_gid)
    return ["setpriv", f"--reuid={name}", f"--regid={group}",
            "--clear-groups", *command]


class Process:
    """A server on a port of loopback; a context."""

    def __init__(self, command, port, cores):
        self.port = port
        self.process = subprocess.Popen(
            pinned(command, cores), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

    def __enter__(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.connect().close()
                return self
            except OSError:
                time.sleep(POLL_SECONDS)
        self.__exit__()
        raise Failure(f"{self.process.args[-1]} did not start")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def connect(self):
        """A socket to it."""
        return socket.create_connection(("127.0.0.1", self.port),
                                        timeout=START_SECONDS)

    def post(self):
        """A function that posts a body to a path, always over one
        connection."""
        link = http.client.HTTPConnection("127.0.0.1", self.port,
                                          timeout=START_SECONDS)

        def post(path, body):
            link.request("POST", path, body)
            answer = link.getresponse()
            text = answer.read()
            if answer.status not in (200, 204):
                raise Failure(f"{path} is answered {answer.status}: "
                              f"{text[:200]}")

        return post
