# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine that the guests run on."""
import os
import re
import sys
import time

USED = 0.1                              # most CPU time used by others
STOLEN = 0.02                           # and withheld by the hypervisor


def usage(program):
    """Like argparse's error(), but with the exit status of sysexits.h."""
    def error(message):
        print("%s: %s (-h for help)" % (program, message), file=sys.stderr)
        sys.exit(64)

    return error


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    return "%d x %s" % (os.cpu_count(), model[1] if model else "unknown CPU")


class Load:
    """CPU time used by others in the second before a run, and CPU time that the
    hypervisor gives to other machines during the run."""

    def __init__(self):
        self.first = self.times()
        time.sleep(1)
        total, idle, _ = self.since()
        self.used = 1 - idle / total

    @staticmethod
    def times():
        """Ticks: (total, idle, stolen)."""
        with open("/proc/stat", encoding="ascii") as f:
            times = [int(each) for each in f.readline().split()[1:9]]
        return sum(times), times[3] + times[4], times[7]

    def since(self):
        return [now - before for now, before in zip(self.times(), self.first)]

    def end(self):
        """{name: share of CPU time}"""
        total, idle, stolen = self.since()
        return {"used": self.used, "stolen": stolen / max(total - idle, 1)}


def quiet(loads):
    """Describe what others did on the machine."""
    most = {what: max(each[what] for each in loads) for what in ("used", "stolen")}
    return ("%squiet: other processes used up to %.0f %% of the CPUs before a run, and "
            "the hypervisor withheld up to %.1f %% of the CPU time of a run" % (
                "" if most["used"] <= USED and most["stolen"] <= STOLEN else "NOT ",
                100 * most["used"], 100 * most["stolen"]))
