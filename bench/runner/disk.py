"""disk.py - the block device below a directory: what is written, how fast a
sync is.

All writers of the machine are counted, so the rate of the others is measured
just before and after, and subtracted.
"""

import os
import tempfile
import time

SECTOR = 512
SECTORS_WRITTEN = 6  # the field, Documentation/block/stat.rst of the kernel
BLOCK = 4096
PROBES = 200


def parse_stat(text):
    """Bytes written so far, from the text of a device's `stat`."""
    return int(text.split()[SECTORS_WRITTEN]) * SECTOR


class Disk:
    """The device of a directory."""

    def __init__(self, directory):
        device = os.stat(directory).st_dev
        self.directory = directory
        self.stat = (f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"
                     "/stat")

    def is_counted(self):
        """Whether the kernel tells what is written; not below every file
        system."""
        return os.path.exists(self.stat)

    def written(self):
        """Bytes written since the machine started."""
        with open(self.stat, encoding="ascii") as file:
            return parse_stat(file.read())

    def background(self, seconds):
        """Bytes a second that are written when nothing is measured."""
        os.sync()
        before = self.written()
        time.sleep(seconds)
        return (self.written() - before) / seconds

    def sync_times(self):
        """Milliseconds that a block in a file that has its place takes, each
        of many times."""
        block = bytes(BLOCK)
        times = []
        with tempfile.TemporaryFile(dir=self.directory, buffering=0) as file:
            file.write(block * PROBES)
            os.fsync(file.fileno())
            for i in range(PROBES):
                start = time.monotonic()
                os.pwrite(file.fileno(), block, i * BLOCK)
                os.fdatasync(file.fileno())
                times.append((time.monotonic() - start) * 1e3)
        return times
