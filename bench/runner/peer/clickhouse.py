"""clickhouse.py - ClickHouse: rows of a SummingMergeTree, added up by the
client for each batch, and one for each user. It does not sync."""

import collections
import contextlib
import os
import shutil

from runner.peer import story
from runner.peer.process import Process, free_port

NAME = "clickhouse"
DURABLE = "no"
CONFIGURATION = """<yandex>
<logger><level>error</level><console>1</console></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<listen_host>127.0.0.1</listen_host>
<path>{directory}/</path><tmp_path>{directory}/tmp/</tmp_path>
<mark_cache_size>268435456</mark_cache_size>
<users_config>{directory}/users.xml</users_config>
<default_profile>default</default_profile>
<default_database>default</default_database>
</yandex>
"""
USERS = """<yandex><profiles><default/></profiles><users><default>
<password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default/></quotas></yandex>
"""
SCHEMA = (
    "CREATE TABLE counter (name String, period String, field String, count "
    "UInt64) ENGINE = SummingMergeTree() ORDER BY (name, period, field)",
    "CREATE TABLE person (id UInt32, last UInt64) "
    "ENGINE = ReplacingMergeTree(last) ORDER BY id",
)
INSERT = "/?query=INSERT%20INTO%20{}%20FORMAT%20TabSeparated"


def program():
    """Where it is; None when it is not installed."""
    return shutil.which("clickhouse-server",
                        path=os.environ.get("PATH", "") + ":/usr/sbin")


def batch(sessions):
    """The rows of counters and those of users."""
    counts = collections.Counter()
    for session in sessions:
        counts.update(story.increments(session))
    counters = "".join(f"{name}\t{period}\t{field}\t{count}\n"
                       for (name, period, field), count in counts.items())
    users = "".join(f"{story.user_of(session)}\t{session}\n"
                    for session in sessions)
    return counters.encode(), users.encode()


def _configure(directory, port):
    path = os.path.join(directory, "config.xml")
    with open(path, "w", encoding="ascii") as file:
        file.write(CONFIGURATION.format(http=port, tcp=free_port(),
                                        directory=directory))
    with open(os.path.join(directory, "users.xml"), "w",
              encoding="ascii") as file:
        file.write(USERS)
    return path


@contextlib.contextmanager
def started(directory, cores):
    """Gives a function that posts both parts of a batch."""
    port = free_port()
    directory = os.path.abspath(directory)
    command = [program(), f"--config-file={_configure(directory, port)}"]
    with Process(command, port, cores) as server:
        post = server.post()
        for statement in SCHEMA:
            post("/", statement)

        def send(prepared):
            for table, rows in zip(("counter", "person"), prepared):
                post(INSERT.format(table), rows)

        yield send
