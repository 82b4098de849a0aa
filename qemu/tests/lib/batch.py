#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run tests in the guest, one after the other, and clean up after each.

qemu/check starts this script and reads its standard output: a mark for the start
and the end of each test, and between them the output of a test that did not pass.
"""
import os
import re
import signal
import subprocess
import sys
import time

import helper
import lio
import openiscsi
from expect import PATIENCE

HERE = os.path.dirname(os.path.realpath(__file__))
MARK = "@@"
TIMEOUT = 60
REPORT = re.compile(r"WARNING:|BUG:|Oops|general protection|KASAN:|UBSAN:|"
                    r"INFO: possible|INFO: task .* blocked|"
                    r"refcount_t:|list_(add|del) corruption|kmemleak: \d+ new")
KMEMLEAK = "/sys/kernel/debug/kmemleak"


class KernelLog:
    """Kernel messages since the last call."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        self.new()

    def new(self):
        lines = []
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return lines
            except BrokenPipeError:     # records were overwritten
                continue
            lines.append(record.partition(";")[2].split("\n")[0])


def mark(*words):
    print(MARK, *words, flush=True)


def header(path, name):
    """Value of a '# name: value' line at the top of a test."""
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                return None
            if line.startswith("# %s: " % name):
                return line.split(": ", 1)[1].strip()
    return None


def run(path):
    """Run a test; return (exit status, output).  The status is 124 on timeout."""
    env = dict(os.environ, PYTHONPATH=HERE, PYTHONUNBUFFERED="1")
    limit = int(header(path, "timeout") or TIMEOUT) * PATIENCE
    with open("/run/test.out", "w+b") as out:
        # pylint: disable-next=consider-using-with
        test = subprocess.Popen([path], stdin=subprocess.DEVNULL, stdout=out,
                                stderr=out, env=env, start_new_session=True)
        try:
            status = test.wait(limit)
        except subprocess.TimeoutExpired:
            lio.write("/proc/sysrq-trigger", "w")
            status = 124
        try:
            os.killpg(test.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        test.wait()
        out.seek(0)
        return status, out.read().decode(errors="replace")


class Settings:
    """Restores the files and parameters that tests may change."""

    def __init__(self):
        self.saved = {path: self._read(path) for path in self._paths()}

    def _paths(self):
        paths = [helper.RULE]
        if os.path.isdir(lio.PARAMETERS):
            paths += [os.path.join(lio.PARAMETERS, name)
                      for name in os.listdir(lio.PARAMETERS)]
        return paths

    @staticmethod
    def _read(path):
        try:
            with open(path, "rb") as f:
                return f.read()
        except OSError:
            return None

    def restore(self):
        for path, value in self.saved.items():
            if value is not None and self._read(path) != value:
                with open(path, "wb") as f:
                    f.write(value)


def clean(settings):
    """Undo the changes of a test, or raise."""
    openiscsi.kill()
    if openiscsi.sessions():
        with openiscsi.OpenIscsi():     # logs out of all sessions on exit
            pass
    openiscsi.forget()
    lio.clear()
    settings.restore()
    helper.reset()


def leaks():
    """kmemleak's report, if the kernel has it.  It needs two scans."""
    if not os.path.exists(KMEMLEAK):
        return ""
    for _ in range(2):
        time.sleep(5)                   # it does not report new objects
        lio.write(KMEMLEAK, "scan")
    return lio.read(KMEMLEAK)


def main():
    settings, log = Settings(), KernelLog()
    for path in sys.argv[1:]:
        name = os.path.basename(path)
        mark("start", name)
        log.new()
        start = time.monotonic()
        status, output = run(path)
        spent = time.monotonic() - start
        trouble = None
        if status and output:           # report now: cleaning up may crash the guest
            print(output.rstrip(), flush=True)
        try:
            clean(settings)
        except Exception as error:      # after any error, reboot
            trouble = "clean-up failed: %r" % error
        messages = log.new()
        bad = [line for line in messages if REPORT.search(line)]
        if status == 0 and (bad or trouble):
            status = 1
        if bad or status == 124:
            print("-- kernel:", *messages[-150:], sep="\n")
        if trouble:
            print(trouble)
        mark("end", name, status, "%.1f" % spent)
        if bad or trouble or status == 124:
            return                      # run the rest in a new boot
    report = leaks()
    if report:
        print(report)
        mark("leak")


if __name__ == "__main__":
    main()
