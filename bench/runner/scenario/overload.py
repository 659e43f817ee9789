"""overload.py - three and five times what it can take, for a minute: it must
do its best work, refuse the rest, and be itself again at once."""

from runner import tallyd
from runner.sample import median
from runner.target import Target
from runner.watch import Watch

FACTORS = (3, 5)
DEPTH = 16
CALM_SECONDS = 2
CALM = 0.25  # of the peak: what comes alone costs twice what is sent ahead
BUSY = 503

TARGETS = tuple(
    target for factor in FACTORS for target in (
        Target(f"offered_{factor}", f"offered at {factor} x", "%", ">="),
        Target(f"goodput_{factor}", f"goodput at {factor} x, of the peak",
               "%", ">=", 90),
        Target(f"refused_{factor}", f"503 at {factor} x, of answers", "%",
               "<="),
        Target(f"silent_{factor}", f"503 without Retry-After at {factor} x",
               "", "<=", 0),
        Target(f"memory_{factor}", f"memory at {factor} x, late to early",
               "x", "<=", 1.1),
        Target(f"calm_{factor}", "p99 a second later, to before", "x", "<=",
               2),
    )) + (Target("broken", "broken rules that tallyd check finds", "", "<=",
                 0),)


def _load(bench, server, what, **flags):
    """The figures, and the memory meanwhile."""
    with Watch(server) as watch:
        got = bench.load(server, what, depth=DEPTH, devices=bench.plan.users,
                         **flags)
    bench.report.keep(what, checkpoint_percent=watch.checkpoint_percent())
    return got, watch.memory


def _calm(bench, server, rate):
    got, _ = _load(bench, server, "calm", rate=int(CALM * rate), warmup=1,
                   seconds=CALM_SECONDS)
    return got["p99_ms"]


def _growth(memory):
    """The most of the second half to the most of the first."""
    half = len(memory) // 2
    return max(memory[half:]) / max(memory[:half])


def _peak(bench, server):
    """Long enough for checkpoints to have the part in it that they have in
    the overload."""
    got, _ = _load(bench, server, "peak", tolerate=BUSY,
                   seconds=max(1, bench.plan.seconds // 2))
    return got["rate"]


def _overload(bench, server, factor):
    """The peak is taken on both sides: the machine's speed drifts."""
    peak = _peak(bench, server)
    bench.say(f"{factor} x {peak:.0f} requests a second")
    before = _calm(bench, server, peak)
    got, memory = _load(bench, server, "overload", rate=int(factor * peak),
                        tolerate=BUSY, seconds=bench.plan.seconds)
    calm = _calm(bench, server, peak) / before
    peak = median([peak, _peak(bench, server)])
    refused = got["statuses"].get(str(BUSY), 0)
    for key, value in (
            ("offered", 100 * got["offered"] / peak),
            ("goodput", 100 * got["rate"] / peak),
            ("refused", 100 * refused / max(1, got["answers"])),
            ("silent", refused - got["retry_after"]),
            ("memory", _growth(memory)),
            ("calm", calm)):
        bench.report.add(f"{key}_{factor}", value)


def run(bench):
    """The rows of each factor."""
    bench.report.expect(TARGETS)
    with bench.directory() as data:
        bench.populate(data, bench.plan.users)
        with bench.tallyd(data) as server:
            for _ in range(bench.plan.repetitions):
                for factor in FACTORS:
                    _overload(bench, server, factor)
            server.stop()
        broken = tallyd.broken_rules(bench.tallyd_binary, data)
        bench.report.add("broken", len(broken))
