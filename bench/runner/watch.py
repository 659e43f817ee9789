"""watch.py - looks at a running tallyd while it is measured."""

import threading

EVERY_SECONDS = 0.1


class Watch:
    """As a context: memory over time, and how often a checkpoint ran."""

    def __init__(self, server):
        self.server = server
        self.memory = []
        self.checkpointing = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _look(self):
        before = self.server.base_time()
        while not self._ended.wait(EVERY_SECONDS):
            self.memory.append(self.server.rss_anon())
            now = self.server.base_time()
            self.checkpointing += now != before
            before = now

    def checkpoint_percent(self):
        """Of the time that was watched."""
        return 100 * self.checkpointing / max(1, len(self.memory))
