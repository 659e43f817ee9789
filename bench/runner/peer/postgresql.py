"""postgresql.py - PostgreSQL: one transaction for each batch, in which the
client has added up its counters; INSERT .. ON CONFLICT, commits are synced."""

import collections
import contextlib
import glob
import os
import shutil
import subprocess

from runner.failure import Failure
from runner.peer import story
from runner.peer.process import Process, as_user, free_port

NAME = "postgresql"
DURABLE = "yes"
OWNER = "postgres"
SECONDS = 60
SCHEMA = """
CREATE TABLE counter (name text, period text, field text, count bigint,
                      PRIMARY KEY (name, period, field));
CREATE TABLE person (id int PRIMARY KEY, last bigint, sessions int);
"""


def _programs():
    return sorted(glob.glob("/usr/lib/postgresql/*/bin"))


def program():
    """Where it is; None when it is not installed."""
    return _programs()[-1] if _programs() else None


def batch(sessions):
    """The text of a transaction."""
    counts = collections.Counter()
    for session in sessions:
        counts.update(story.increments(session))
    counters = ",".join(f"('{name}','{period}','{field}',{count})"
                        for (name, period, field), count in counts.items())
    users = ",".join(f"({story.user_of(session)},{session},1)"
                     for session in sessions)
    return ("BEGIN;INSERT INTO counter VALUES " + counters +
            " ON CONFLICT (name, period, field) DO UPDATE SET "
            "count = counter.count + excluded.count;"
            "INSERT INTO person VALUES " + users +
            " ON CONFLICT (id) DO UPDATE SET last = excluded.last, "
            "sessions = person.sessions + 1;COMMIT;\n\\echo done\n").encode()


def _make(bin_directory, directory):
    data = os.path.join(directory, "cluster")
    if os.geteuid() == 0:
        os.chmod(os.path.dirname(directory), 0o711)
        shutil.chown(directory, OWNER)
    done = subprocess.run(
        as_user(OWNER, [f"{bin_directory}/initdb", "-D", data, "-U", "bench",
                        "-A", "trust", "--no-locale", "-E", "UTF8"]),
        capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise Failure(f"initdb: {done.stderr.strip()}")
    return data


def _psql(port):
    return ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port), "-U",
            "bench", "-v", "ON_ERROR_STOP=1", "postgres"]


def _server(bin_directory, data, port):
    return as_user(OWNER, [
        f"{bin_directory}/postgres", "-D", data, "-p", str(port), "-c",
        "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
        "synchronous_commit=on", "-c", "shared_buffers=256MB", "-c",
        "max_wal_size=2GB"])


@contextlib.contextmanager
def _client(port):
    with subprocess.Popen(_psql(port), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as client:
        try:
            yield client
        finally:
            client.kill()


@contextlib.contextmanager
def started(directory, cores):
    """Gives a function that runs a batch and waits for its commit."""
    port, bin_directory = free_port(), program()
    data = _make(bin_directory, directory)
    with Process(_server(bin_directory, data, port), port, cores):
        with _client(port) as client:
            def send(prepared):
                client.stdin.write(prepared)
                client.stdin.flush()
                if client.stdout.readline() != b"done\n":
                    raise Failure("psql gave up")

            send((SCHEMA + "\\echo done\n").encode())
            yield send
