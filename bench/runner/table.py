"""table.py - text in columns."""


def _line(cells, widths):
    first = cells[0].ljust(widths[0])
    rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))
    return "  ".join((first, *rest)).rstrip()


def render(headings, rows):
    """The first column to the left, the others to the right."""
    lines = [list(headings)] + [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    ruler = ["-" * width for width in widths]
    return "\n".join(_line(line, widths) for line in [lines[0], ruler] +
                     lines[1:])
