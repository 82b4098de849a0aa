# SPDX-License-Identifier: GPL-2.0-or-later
"""Tracepoints of the kernel."""
import os
import re
import subprocess

import lio

TRACEFS = "/sys/kernel/tracing"
EVENTS = TRACEFS + "/events/iscsi_srp"
SWITCH = TRACEFS + "/events/sched/sched_switch"


class Event:
    """A line of the trace."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.field = dict(re.findall(r"(\w+)=(\S+)", text))

    def __repr__(self):
        return "%s: %s" % (self.name, self.text)


def start(events, only="0"):
    """Record these events from now on, or those that a filter selects."""
    if not os.path.isdir(TRACEFS + "/events"):
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS],
                       check=True)
    with open(TRACEFS + "/trace", "w", encoding="ascii"):
        pass                            # truncating empties the buffer
    # The default clock is one of each CPU: it may swap events
    lio.write(TRACEFS + "/trace_clock", "mono")
    lio.write(events + "/filter", only)
    lio.write(events + "/enable", "1")


class Trace:
    """Record SRP's events during a with block; read them afterwards."""

    def __enter__(self):
        start(EVENTS)
        return self

    def __exit__(self, *_):
        self.raw = self.read()
        lio.write(EVENTS + "/enable", "0")
        self.events = [Event(*found) for found in
                       re.findall(r"iscsi_srp_(\w+): (.*)", self.raw)]

    @staticmethod
    def read():
        return lio.read(TRACEFS + "/trace")

    def of(self, name):
        return [event for event in self.events if event.name == name]


class Running:
    """Measure how long processes of a name run on the only CPU during a with block.

    User-mode Linux counts their CPU time in ticks.
    """

    def __init__(self, name):
        self.name = name
        self.seconds = 0

    def __enter__(self):
        start(SWITCH, 'prev_comm == "%s" || next_comm == "%s"' %
              (self.name, self.name))
        return self

    def __exit__(self, *_):
        raw = Trace.read()
        lio.write(SWITCH + "/enable", "0")
        begin = None
        for at, before, after in re.findall(
                r" ([\d.]+): sched_switch: prev_comm=(.*) prev_pid=.* "
                r"next_comm=(.*) next_pid=", raw):
            if before == self.name and begin is not None:
                self.seconds += float(at) - begin
            begin = float(at) if after == self.name else None
