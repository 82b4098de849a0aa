# SPDX-License-Identifier: GPL-2.0-or-later
"""From measured values to what a table says."""
import math
import statistics


def median(values):
    return statistics.median(values)


def p99(values):
    """The least one that 99 of 100 do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


def number(value):
    """Three digits, more if there are more before the point."""
    for digits, limit in (2, 9.995), (1, 99.95):
        if abs(value) < limit:
            return "%.*f" % (digits, value)
    return "%.0f" % value


def spread(values, scale=1):
    """Minimum, median and maximum of several runs."""
    return " / ".join(number(value / scale) for value in
                      (min(values), median(values), max(values)))


class Limit:
    """What a ratio is to be at most, or at least."""

    def __init__(self, name, pick, most=None, least=None):
        self.name, self.pick = name, pick
        self.most, self.least = most, least

    def __str__(self):
        return "at most %g" % self.most if self.least is None else \
            "at least %g" % self.least

    def met(self, values):
        """The median counts, as it is, not as it is printed."""
        value = median(values)
        return value <= self.most if self.least is None else \
            value >= self.least


def table(head, rows):
    """Markdown that is readable on a terminal too."""
    rows = [head] + rows
    width = [max(3, *(len(row[n]) for row in rows)) for n in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width[n]) if n == 0 else
                               cell.rjust(width[n])
                               for n, cell in enumerate(row)) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 1) + (":" if n else "-")
                                   for n, w in enumerate(width)) + "|")
    return "\n".join(lines) + "\n"


def between(text, begin, end, new):
    """The text with what is between two of its lines replaced."""
    if text.count(begin) != 1 or text.count(end) != 1 or \
            text.index(begin) > text.index(end):
        raise ValueError("no %s ... %s, or more than one" % (begin, end))
    return text[:text.index(begin) + len(begin)] + "\n" + new + "\n" + \
        text[text.index(end):]
