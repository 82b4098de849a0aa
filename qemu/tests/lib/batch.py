#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests in the guest, one after the other, and cleans up after each.

qemu/check starts it and reads its standard output: a line of marks for the
start and the end of each test, and between them what a test has to say that
did not pass.
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
# Our code in the kernel's log, and the messages that it logs itself
NAMES = re.compile(r"iscsi_target_srp|iscsi_srp|iSCSI SRP|\bsrp_|iscsi-srpd")
OWN = re.compile("iSCSI SRP: ")
SUPPRESSED = "callbacks suppressed"     # after a rate limit
WARNING = 4


class Message(str):
    """A message of the kernel's log, with its facility and level."""

    level = WARNING + 1


class KernelLog:
    """The kernel's messages since the last look."""

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
            except BrokenPipeError:     # overwritten meanwhile: go on
                continue
            prefix, _, text = record.partition(";")
            lines.append(Message(text.split("\n")[0]))
            lines[-1].level = int(prefix.split(",")[0])


def is_trouble(message):
    """Whether no test may expect this: a bug, or a warning about our code."""
    return bool(REPORT.search(message)) or (
        message.level <= WARNING and NAMES.search(message) is not None and
        not OWN.match(message) and SUPPRESSED not in message)


def unexpected(messages, patterns):
    """Our own warnings and errors that no "# log: PATTERN" of the test covers."""
    return [message for message in messages
            if message.level <= WARNING and OWN.match(message) and
            not any(re.search(pattern, message) for pattern in patterns)]


def mark(*words):
    print(MARK, *words, flush=True)


def headers(path, name):
    """The values of the '# name: value' lines at the top of a test."""
    values = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                break
            if line.startswith("# %s: " % name):
                values.append(line.split(": ", 1)[1].strip())
    return values


def run(path):
    """(exit status, output); a test that does not end is 124."""
    env = dict(os.environ, PYTHONPATH=HERE, PYTHONUNBUFFERED="1")
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
    settings, log = Settings(), KernelLog()
    for path in sys.argv[1:]:
        name = os.path.basename(path)
        mark("start", name)
        before = log.new()              # of the boot, if this test is the first
        start = time.monotonic()
        status, output = run(path)
        spent = time.monotonic() - start
        trouble = None
        if status and output:           # now, as cleaning may end the guest
            print(output.rstrip(), flush=True)
        try:
            clean(settings)
        except Exception as error:      # whatever it is, a new boot helps
            trouble = "clean-up failed: %r" % error
        messages = log.new()
        bad = [line for line in before + messages if is_trouble(line)]
        surprises = unexpected(messages, headers(path, "log"))
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
