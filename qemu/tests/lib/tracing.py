# SPDX-License-Identifier: GPL-2.0-or-later
"""SRP tracepoints of the kernel."""
import os
import re
import subprocess

import lio

TRACEFS = "/sys/kernel/tracing"
EVENTS = TRACEFS + "/events/iscsi_srp"


class Event:
    """A line of the trace."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.field = dict(re.findall(r"(\w+)=(\S+)", text))

    def __repr__(self):
        return "%s: %s" % (self.name, self.text)


class Trace:
    """Record events during a with block; read them afterwards."""

    def __enter__(self):
        if not os.path.isdir(TRACEFS + "/events"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS],
                           check=True)
        with open(TRACEFS + "/trace", "w", encoding="ascii"):
            pass                        # truncating empties the buffer
        # The default clock is one of each CPU: it may swap events
        lio.write(TRACEFS + "/trace_clock", "mono")
        lio.write(EVENTS + "/enable", "1")
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
