"""server.py - a process that serves, from its start to its end.

It is in a session of its own, so that Ctrl-C reaches the runner alone, and
ends with the runner whatever happens to that.
"""

import re
import selectors
import signal
import subprocess
import tempfile
import time

from runner.failure import Failure

START_SECONDS = 60
STOP_SECONDS = 60
LISTENING = re.compile(rb"^listening on .*:(\d+)$", re.M)
KILOBYTE = 1024


def pinned(command, cores):
    """A command that runs on these cores only; None for all."""
    start = ["setpriv", "--pdeathsig", "KILL"]
    if cores:
        start += ["taskset", "-c", ",".join(map(str, cores))]
    return start + list(command)


def parse_status(text, field):
    """Bytes of a field such as RssAnon in the text of /proc/PID/status."""
    for line in text.splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * KILOBYTE
    raise Failure(f"/proc/PID/status has no {field}")


class Server:
    """A server that says `listening on` where."""

    def __init__(self, command, cores=None):
        self.name = command[0].rsplit("/", 1)[-1]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            pinned(command, cores), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.errors,
            start_new_session=True)
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        """Of the server itself: what is before it has become it by exec."""
        return self.process.pid

    def _wait_for_port(self):
        text = b""
        end = time.monotonic() + START_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while selector.select(max(0, end - time.monotonic())):
                more = self.process.stdout.read1()
                text += more
                found = LISTENING.search(text)
                if found:
                    return int(found.group(1))
                if not more:
                    break
        raise Failure(f"{self.name} did not start: {self.complaint()}")

    def complaint(self):
        """The last line it wrote as an error."""
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else "it says nothing"

    def rss_anon(self):
        """Bytes of memory of its own that are resident."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return parse_status(file.read(), "RssAnon")

    def stop(self):
        """Lets it end by itself; fails when it does not end well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} does not stop") from None
        finally:
            self.kill()
        if code not in (0, -signal.SIGTERM):
            raise Failure(f"{self.name} ended with {code}: {self.complaint()}")

    def kill(self):
        """Ends it at once, as a crash would."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
