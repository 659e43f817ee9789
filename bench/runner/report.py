"""report.py - the figures of a run: rows against targets, tables, raw data."""

import json

from runner import sample, table

HEADINGS = ("", "target", "moonshot", "median", "min - max", "verdict")


class Report:
    """Gathers; a row without values says why."""

    def __init__(self):
        self.targets = []
        self.values = {}
        self.reasons = {}
        self.notes = []
        self.tables = []
        self.raw = []

    def expect(self, targets):
        """These rows are to be shown, in this order."""
        self.targets = list(targets)

    def add(self, key, value):
        """One repetition's value of a row."""
        self.values.setdefault(key, []).append(value)

    def bind(self, key, bound):
        """The bound of a row that is known only now."""
        self.targets = [
            target._replace(bound=bound) if target.key == key else target
            for target in self.targets
        ]

    def leave_out(self, key, reason):
        """Why a row has no values."""
        self.reasons[key] = reason

    def keep(self, what, **figures):
        """Raw figures of one measurement."""
        self.raw.append({"what": what, **figures})

    def add_table(self, title, headings, rows):
        """A table of its own, for what has no target."""
        self.tables.append(
            {"title": title, "headings": list(headings), "rows": list(rows)})

    def note(self, text):
        """A line under the rows."""
        self.notes.append(text)

    def rows(self):
        """The rows as they stand."""
        return [self._row(target) for target in self.targets]

    def _row(self, target):
        values = self.values.get(target.key, [])
        return {
            "key": target.key,
            "what": target.what,
            "unit": target.unit,
            "sense": target.sense,
            "target": target.bound,
            "moonshot": target.moonshot,
            "values": values,
            "median": sample.median(values) if values else None,
            "verdict": target.verdict(values),
            "reason": None if values else self.reasons.get(target.key),
        }

    def _cells(self, target):
        values = self.values.get(target.key, [])
        verdict = target.verdict(values)
        middle = ""
        if values:
            middle = f"{sample.text(sample.median(values))} {target.unit}"
        elif target.key in self.reasons:
            verdict += f" ({self.reasons[target.key]})"
        return (target.what, target.bound_text(target.bound),
                target.bound_text(target.moonshot), middle.rstrip(),
                sample.spread(values), verdict)

    def text(self):
        """Everything as tables."""
        parts = []
        if self.targets:
            parts.append(
                table.render(HEADINGS, map(self._cells, self.targets)))
        parts += self.notes
        for each in self.tables:
            parts.append(each["title"] + "\n" + table.render(
                each["headings"],
                [[sample.text(cell) for cell in row] for row in each["rows"]]))
        return "\n\n".join(parts)

    def write(self, path, **facts):
        """Everything as JSON."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**facts, "rows": self.rows(), "notes": self.notes,
                       "tables": self.tables, "raw": self.raw}, file, indent=1)
            file.write("\n")
