"""targets.py - every promise about speed and size, measured."""

from runner import latency, restart, stored, tallyd, written
from runner.target import Target
from runner.watch import Watch

DEPTHS = (1, 16)
MEGABYTE = 1e6
TOO_LONG = "too long for quick"
OWN_MEGABYTES = 64

TARGETS = (
    Target("rate_1", "throughput of bare", "%", ">=", 50, 70),
    Target("rate_16", "the same, 16 requests ahead", "%", ">=", 35, 45),
    Target("cpu_1", "server CPU of bare's", "x", "<=", 2.0, 1.5),
    Target("cpu_16", "the same, 16 requests ahead", "x", "<="),
    Target("p99", "p99 at 64 connections of 2 bare p99 + 2 syncs", "%", "<=",
           100),
    Target("p99_half", "the same, open loop at half the rate", "%", "<=",
           100),
    Target("p99_checkpoint", "p99 during checkpoints", "ms", "<=", 10),
    Target("written_many", "written per session, 1M users", "B", "<=", 450,
           300),
    Target("written_few", "written per session, 100k users", "B", "<=", 200,
           130),
    Target("bytes_per_counter", "on disk, a live counter", "B", "<=", 2.5,
           1.8),
    Target("bytes_per_user", "on disk, a user, all tables", "B", "<=", 300,
           220),
    Target("bytes_per_user_itself", "the same, without what was counted", "B",
           "<="),
    Target("days30_ms", "read 30 days x 1000 values", "ms", "<=", 1.5, 0.5),
    Target("days30_mb_per_s", "the same, JSON", "MB/s", ">=", 700),
    Target("object_ms", "the same, the days of one month", "ms", "<="),
    Target("year_ms", "read a year x 1000 values", "ms", "<="),
    Target("whole_ms", "exact users of 30 days, whole app", "ms", "<=", 0.3,
           0.15),
    Target("values_ms", "exact users of 30 days, each value", "ms", "<=", 120,
           50),
    Target("filtered_ms", "exact users of 30 days with one of ten values", "ms",
           "<="),
    Target("active_ms", "active users of 1, 7, 30 days for 30 days", "ms",
           "<="),
    Target("full_ms", "retention, 30 days", "ms", "<="),
    Target("classic_ms", "the same, classic", "ms", "<="),
    Target("unbound_ms", "the same, unbounded", "ms", "<="),
    Target("weeks_ms", "retention, 52 weeks", "ms", "<="),
    Target("sessions_ms", "analytics: sessions of a month", "ms", "<="),
    Target("metric_ms", "analytics: a metric, 1000 values", "ms", "<="),
    Target("dashboard_ms", "analytics: dashboard", "ms", "<="),
    Target("memory_idle", "memory of its own, idle", "MB", "<=", 16),
    Target("memory_load", "memory of its own, under load", "MB", "<="),
    Target("restart", "start after kill -9, full log", "s", "<=", 5, 1),
    Target("open_ms", "open the engine with the fullest log", "ms", "<=",
           5000, 1000),
    Target("broken", "broken rules that tallyd check finds", "", "<=", 0),
)

# Programs whose JSON has rows, and whether quick has the time for them.
STORED = (("bench/sizes", True), ("bench/reads", True),
          ("bench/replay", False))


def _repeat(bench, bare, server):
    """Adds the ratios."""
    for depth in DEPTHS:
        base, own = bench.pair(bare, server, depth, devices=bench.plan.users)
        bench.report.add(f"rate_{depth}", 100 * own["rate"] / base["rate"])
        if base["cpu_us"]:
            bench.report.add(f"cpu_{depth}", own["cpu_us"] / base["cpu_us"])


def _throughput(bench, data, bare):
    """The rows of ratios."""
    with bench.tallyd(data) as server:
        bench.report.add("memory_idle", server.rss_anon() / MEGABYTE)
        for turn in range(bench.plan.repetitions):
            bench.say(f"throughput, {turn + 1} of {bench.plan.repetitions}")
            with Watch(server) as watch:
                _repeat(bench, bare, server)
            bench.report.add("memory_load", max(watch.memory) / MEGABYTE)
        server.stop()


def _check(bench, data):
    bench.say("tallyd check")
    broken = tallyd.broken_rules(bench.tallyd_binary, data)
    bench.report.add("broken", len(broken))
    bench.report.keep("check", broken=broken)


def _many_users(bench):
    with bench.directory() as data, bench.bare() as bare:
        bench.populate(data, bench.plan.users)
        _throughput(bench, data, bare)
        bench.say("latency")
        rate = latency.calm(bench, data, bare)
        bench.say(f"latency at {rate} requests a second and checkpoints")
        latency.busy(bench, data, rate)
        key = "written_many" if bench.plan.few_users else "written_few"
        written.measure(bench, data, key, bench.plan.users)
        bench.say("restart")
        restart.measure(bench, data)
        _check(bench, data)


def _few_users(bench):
    if not bench.plan.few_users:
        bench.report.leave_out("written_many", TOO_LONG)
        bench.report.leave_out("open_ms", TOO_LONG)
        return
    with bench.directory() as data:
        bench.populate(data, bench.plan.few_users)
        written.measure(bench, data, "written_few", bench.plan.few_users)
        _check(bench, data)


def _stored(bench):
    for program, is_quick in STORED:
        if not (is_quick or bench.plan.few_users):
            continue
        bench.say(program)
        stored.measure(bench, program, bench.plan.repetitions)


def run(bench):
    """Every row, or a reason."""
    bench.report.expect(TARGETS)
    bound = tallyd.memory_bound(bench.tallyd_binary) / MEGABYTE
    bench.report.bind("memory_load", OWN_MEGABYTES + bound)
    _stored(bench)
    _many_users(bench)
    _few_users(bench)
