"""redis.py - Redis: HINCRBY for each counter and HSET for the user, sent
ahead; every answer after its append-only file is synced."""

import contextlib
import shutil

from runner.peer import story
from runner.peer.process import Process, free_port

NAME = "redis"
DURABLE = "yes"
READ_SIZE = 1 << 18


def program():
    """Where it is; None when it is not installed."""
    return shutil.which("redis-server")


def _command(*words):
    parts = [f"*{len(words)}\r\n"]
    parts += [f"${len(word)}\r\n{word}\r\n" for word in words]
    return "".join(parts)


def batch(sessions):
    """The bytes for these sessions, and how many answers come."""
    commands = []
    for session in sessions:
        for name, period, field in story.increments(session):
            commands.append(_command("HINCRBY", f"{name}:{period}", field,
                                     "1"))
        commands.append(_command("HSET", f"user:{story.user_of(session)}",
                                 "last", str(session)))
    return "".join(commands).encode(), len(commands)


@contextlib.contextmanager
def started(directory, cores):
    """Gives a function that sends a batch and waits for its answers."""
    port = free_port()
    command = [program(), "--bind", "127.0.0.1", "--port", str(port),
               "--dir", directory, "--save", "", "--appendonly", "yes",
               "--appendfsync", "always"]
    with Process(command, port, cores) as server, server.connect() as link:
        def send(prepared):
            request, left = prepared
            link.sendall(request)
            while left > 0:
                left -= link.recv(READ_SIZE).count(b"\n")

        yield send
