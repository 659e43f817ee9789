"""story.py - the sessions that every peer gets: what tallyd counts of one, as
increments of (set, period, field), and a change of its user.

A session of a known user adds to 67 counters: in each of nine sets the
sessions of its hour, day, month and year and the unique users of its day, week
and month; in the whole app the new users of four periods, too.
"""

USERS = 100000
STEP = 7919  # from user to user, in no order
SETS = (("users", 1), ("os", 4), ("os_version", 6), ("device", 40),
        ("manufacturer", 2), ("resolution", 2), ("carrier", 3),
        ("app_version", 7), ("locale", 4))
DAY = "2026:11:24"
YEAR = "2026"
OF_DAY = ("14.t", "t", "u")
OF_YEAR = ("11.t", "t", "w48.u", "11.u")
OF_NEW = ((DAY, "14.n"), (DAY, "n"), (YEAR, "11.n"), (YEAR, "n"))
COUNTERS = len(SETS) * (len(OF_DAY) + len(OF_YEAR)) + len(OF_NEW)


def user_of(session):
    """Who has this session."""
    return session * STEP % USERS


def increments(session):
    """What a session adds one to: (set, period, field)."""
    user = user_of(session)
    for name, values in SETS:
        value = user % values
        for period, fields in ((DAY, OF_DAY), (YEAR, OF_YEAR)):
            for field in fields:
                yield name, period, f"{value}.{field}"
    for period, field in OF_NEW:
        yield "users", period, field
