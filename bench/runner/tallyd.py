"""tallyd.py - tallyd with an app, on a directory of its own."""

import glob
import http.client
import json
import os
import subprocess
import time
import urllib.parse

from runner.failure import Failure
from runner.server import Server

ADMIN_KEY = "00000000000000000000000000000be9"
APP_KEY_BEGIN = "be" * 17
HTTP_SECONDS = 30
QUIET_SECONDS = 2.5
SETTLE_SECONDS = 300
CHECK_SECONDS = 600
POLL_SECONDS = 0.05
SIZE_LETTERS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
ENGINE_DEFAULTS = {"store.overlay": 256 << 20, "store.names": 64 << 20}


def app_key(number):
    """The key of the app with this number; load goes round over them."""
    return f"{APP_KEY_BEGIN}{number:06d}"


def parse_size(text):
    """Bytes of a configured size such as 256m."""
    letter = text[-1:].lower()
    if letter in SIZE_LETTERS:
        return int(text[:-1]) * SIZE_LETTERS[letter]
    return int(text)


def parse_config(text):
    """The settings that `tallyd config dump` prints."""
    settings = {}
    for line in text.splitlines():
        key, found, value = line.partition("#")[0].partition("=")
        if found:
            settings[key.strip()] = value.strip()
    return settings


class Tallyd(Server):
    """The server; use as a context."""

    def __init__(self, binary, data, flags=(), cores=None):
        self.data = data
        self.started = time.monotonic()
        super().__init__([binary, "serve", "--data", data, "--listen",
                          "127.0.0.1:0", "--admin-key", ADMIN_KEY, *flags],
                         cores)

    def get(self, path):
        """The body of an answer that is good."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=HTTP_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise Failure(f"{path} is answered {answer.status}: {body[:200]}")
        return body

    def seconds_to_ping(self):
        """From the start of the process to its first answer."""
        self.get("/o/ping")
        return time.monotonic() - self.started

    def create_apps(self, count):
        """Apps with the keys that app_key() gives."""
        for number in range(count):
            args = json.dumps({"name": f"Bench {number}",
                               "key": app_key(number)})
            self.get("/i/apps/create?" + urllib.parse.urlencode(
                {"api_key": ADMIN_KEY, "args": args}))

    def base_time(self):
        """When the base was last written: changes while a checkpoint runs."""
        return os.stat(os.path.join(self.data, "data.mdb")).st_mtime_ns

    def slots(self):
        """The log's files."""
        return glob.glob(os.path.join(self.data, "*.slot"))

    def _written(self):
        return [self.base_time()] + sorted(
            os.stat(slot).st_mtime_ns for slot in self.slots())

    def settle(self):
        """Waits until nothing is written any more."""
        end = time.monotonic() + SETTLE_SECONDS
        seen, since = self._written(), time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            if time.monotonic() > end:
                raise Failure("tallyd goes on writing")
            time.sleep(POLL_SECONDS)
            now = self._written()
            if now != seen:
                seen, since = now, time.monotonic()

    def wait_for_checkpoint(self):
        """Waits for one that begins after this call; how long it took."""
        before = self.base_time()
        end = time.monotonic() + SETTLE_SECONDS
        while self.base_time() == before:
            if time.monotonic() > end:
                raise Failure("no checkpoint comes")
            time.sleep(POLL_SECONDS)
        began = time.monotonic()
        self.settle()
        return time.monotonic() - began - QUIET_SECONDS


def memory_bound(binary):
    """Bytes of overlay and names that a server may keep in memory."""
    done = subprocess.run([binary, "config", "dump"], capture_output=True,
                          text=True, timeout=HTTP_SECONDS, check=True)
    settings = parse_config(done.stdout)
    return sum(parse_size(settings[key]) or default
               for key, default in ENGINE_DEFAULTS.items())


def broken_rules(binary, data):
    """The lines of `tallyd check`: none when everything adds up."""
    done = subprocess.run([binary, "check", "--data", data],
                          capture_output=True, text=True,
                          timeout=CHECK_SECONDS, check=False)
    if done.returncode not in (0, 1):
        raise Failure(f"tallyd check: {done.stderr.strip()}")
    lines = (done.stdout + done.stderr).splitlines()
    return lines if done.returncode else []
