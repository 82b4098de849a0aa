# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics and formatting of measured values."""
import math
import statistics


def median(values):
    return statistics.median(values)


def p99(values):
    """The 99th percentile: the smallest value that 99 % do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


def number(value):
    """Format with three significant digits, more if the integer part has more."""
    for digits, limit in (2, 9.995), (1, 99.95):
        if abs(value) < limit:
            return "%.*f" % (digits, value)
    return "%.0f" % value


def spread(values, scale=1):
    """Format minimum, median and maximum."""
    return " / ".join(number(value / scale) for value in
                      (min(values), median(values), max(values)))


class Limit:
    """An upper or a lower limit for a ratio, which pick(turn) computes.

    With noise(turn), the ratio of something to itself, a ratio is only below the limit
    if it is below it by more than the median of these.
    """

    def __init__(self, name, question, pick, most=None, least=None, noise=None):
        self.name, self.question, self.pick = name, question, pick
        self.most, self.least, self.noise = most, least, noise

    def __str__(self):
        return "at most %g" % self.most if self.least is None else \
            "at least %g%s" % (self.least, " - noise" if self.noise else "")

    def met(self, turns):
        """Compare the unrounded median."""
        value = median([self.pick(turn) for turn in turns])
        if self.least is None:
            return value <= self.most
        if self.noise:
            value /= median([self.noise(turn) for turn in turns])
        return value >= self.least


def table(head, rows):
    """A Markdown table with aligned columns."""
    rows = [head] + rows
    width = [max(3, *(len(row[n]) for row in rows)) for n in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width[n]) if n == 0 else
                               cell.rjust(width[n])
                               for n, cell in enumerate(row)) + " |"
             for row in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 1) + (":" if n else "-")
                                   for n, w in enumerate(width)) + "|")
    return "\n".join(lines) + "\n"


def sections(found, tables, heading):
    """Titles, numbers of turns and tables of (title, function, questions it needs)."""
    text = []
    for title, make, needed in tables:
        count = min(len(found.get(question, [])) for question in needed)
        text += ["%s %s\n" % (heading, title), "Turns: %d.\n" % count]
        if count:
            text.append(make(found))
    return text


def between(text, begin, end, new):
    """Replace the text between two lines."""
    if text.count(begin) != 1 or text.count(end) != 1 or \
            text.index(begin) > text.index(end):
        raise ValueError("no %s ... %s, or more than one" % (begin, end))
    return text[:text.index(begin) + len(begin)] + "\n" + new + "\n" + \
        text[text.index(end):]
