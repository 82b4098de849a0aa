#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests in the guest, one after the other, and cleans up after each.

qemu/check starts it and reads its standard output: a line of marks for the
start and the end of each test, and between them what a test has to say that
did not pass.

    batch.py [--other-versions] TEST...

--other-versions: with Debian's open-iscsi, and the newest rtslib and targetcli.
"""
import os
import signal
import stat
import subprocess
import sys
import time

import admin
import helper
import lio
import openiscsi
from expect import PATIENCE
from kernellog import KernelLog, headers, is_about_us, is_trouble, unexpected

HERE = os.path.dirname(os.path.realpath(__file__))
MARK = "@@"
TIMEOUT = 60
KMEMLEAK = "/sys/kernel/debug/kmemleak"


def mark(*words):
    print(MARK, *words, flush=True)


def run(path):
    """(exit status, output); a test that does not end is 124."""
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    env["PYTHONPATH"] = ":".join([HERE] + env.get("PYTHONPATH", "").split())
    limit = int((headers(path, "timeout") or [TIMEOUT])[0]) * PATIENCE
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
    """What tests may change and what is restored: files and parameters."""

    def __init__(self):
        self.saved = {path: self._read(path) for path in self._paths()}

    def _paths(self):
        paths = [helper.RULE]
        if os.path.isdir(lio.PARAMETERS):
            paths += [os.path.join(lio.PARAMETERS, name)
                      for name in os.listdir(lio.PARAMETERS)]
        return [path for path in paths if os.stat(path).st_mode & stat.S_IWUSR]

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
    """Undo what the test left; raises if that is not possible."""
    openiscsi.kill()
    if openiscsi.sessions():
        with openiscsi.OpenIscsi():     # logs out of all as it leaves
            pass
    openiscsi.forget()
    lio.clear()
    settings.restore()
    helper.reset()


def leaks():
    """kmemleak's report, if the kernel has it: scanned twice, as it needs."""
    if not os.path.exists(KMEMLEAK):
        return ""
    for _ in range(2):
        time.sleep(5)                   # young objects are not reported
        lio.write(KMEMLEAK, "scan")
    return lio.read(KMEMLEAK)


def main():
    tests = sys.argv[1:]
    if tests[0] == "--other-versions":
        del tests[0]
        openiscsi.use_debians()
        admin.use_newest()
    # Many tests fail to log in, from one address
    guessing = lio.PARAMETERS + "/slow_down_guessing"
    if os.path.exists(guessing):
        lio.write(guessing, "N")
    settings, log = Settings(), KernelLog()
    for path in tests:
        name = os.path.basename(path)
        mark("start", name)
        before = log.new()              # the boot's, if this is the first test
        start = time.monotonic()
        status, output = run(path)
        spent = time.monotonic() - start
        messages = log.new()
        trouble = None
        if status and output:           # now, as cleaning may end the guest
            print(output.rstrip(), flush=True)
        try:
            clean(settings)
        except Exception as error:      # whatever it is, a new boot helps
            trouble = "clean-up failed: %r" % error
        # Cleaning up stops the helper, of which our code may complain
        surprises = unexpected(messages, headers(path, "log"))
        messages += log.new()
        bad = ([line for line in before if is_about_us(line)] +
               [line for line in messages if is_trouble(line)])
        if status == 0 and (bad or trouble or surprises):
            status = 1
        if bad:
            print("-- the kernel reports:", *bad, sep="\n")
        if surprises:
            print("-- the kernel logged what no \"# log: PATTERN\" at the top of "
                  "the test expects:", *surprises, sep="\n")
        if bad or status == 124:
            print("-- kernel:", *messages[-150:], sep="\n")
        if trouble:
            print(trouble)
        mark("end", name, status, "%.1f" % spent)
        if bad or trouble or status == 124:
            return                      # the rest gets a new boot
    report = leaks()
    if report:
        print(report)
        mark("leak")


if __name__ == "__main__":
    main()
