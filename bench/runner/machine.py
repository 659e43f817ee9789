"""machine.py - the machine that the figures come from."""

import os
import platform
import subprocess

IN_MEMORY = ("tmpfs", "ramfs")
GIT_SECONDS = 10


def cores():
    """The numbers of the cores that may be used."""
    return sorted(os.sched_getaffinity(0))


def halves():
    """Cores for the server, and others for who asks it, where there are."""
    all_cores = cores()
    half = max(1, len(all_cores) // 2)
    return all_cores[:half], all_cores[half:] or all_cores


def filesystem(path):
    """The kind of file system that a path is on."""
    path = os.path.realpath(path)
    found = ("", "unknown")
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            _, point, kind = line.split()[:3]
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(found[0]):
                found = (point, kind)
    return found[1]


def _commit(path):
    try:
        done = subprocess.run(
            ["git", "-C", path, "describe", "--always", "--dirty"],
            capture_output=True, text=True, timeout=GIT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


def facts(path):
    """What belongs beside every figure."""
    return {
        "cores": len(cores()),
        "kernel": platform.release(),
        "processor": platform.machine(),
        "filesystem": filesystem(path),
        "commit": _commit(os.path.dirname(os.path.abspath(__file__))),
    }
