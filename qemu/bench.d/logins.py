# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets of the benchmark and logins to them."""
import json
import subprocess
import tempfile
import time

import helper
import lio
from initiator import NAME
from lio import Target

PASSWORD = "password123"
USER = ["--user", "alice"]
GROUPS = ["SRP-1536", "SRP-2048", "MODP-3072", "MODP-4096", "MODP-8192"]
GROUP = "SRP-2048"                      # where only one is measured
SETTLE = 0.1                            # seconds for workers to become idle


def start(*args, target, errors=None):
    """Start iscsi-login; errors: where its standard error goes."""
    # pylint: disable=consider-using-with
    out = tempfile.TemporaryFile("w+")      # a pipe could be full at the end
    p = subprocess.Popen(["iscsi-login", "--json", "--timeout", "60",
                          "--initiator", NAME, *map(str, args), target.portal,
                          target.name],
                         stdin=subprocess.PIPE, stdout=out, stderr=errors,
                         text=True)
    p.stdin.write(PASSWORD + "\n")
    p.stdin.close()
    p.out = out
    return p


def finish(p):
    """The report of iscsi-login.  Every login must succeed."""
    report = result(p)
    if p.returncode or report["failed"]:
        raise AssertionError("%d logins failed" % report["failed"])
    return report


def result(p):
    """The report of iscsi-login, also of failed logins."""
    p.wait()
    with p.out as out:
        out.seek(0)
        return json.load(out)


def login(*args, target):
    return finish(start(*args, target=target))


def latencies(report):
    return [each["latency_us"] for each in report["logins"]
            if not each["exit_code"]]


def how(method):
    """Options of iscsi-login for a method: None, CHAP or a group."""
    if method == "None":
        return ["--method", "none"]
    if method == "CHAP":
        return ["--method", "chap"] + USER
    return ["--method", "srp", "--group", method] + USER


class Targets:
    """Targets by purpose, created on first use, each with its own portal."""

    def __init__(self):
        self.made = {}
        self.port = 3299

    def make(self, purpose, count, prepare, methods="SRP"):
        """Targets that prepare(target) has set up."""
        if purpose not in self.made:
            self.made[purpose] = [self._new(methods) for _ in range(count)]
            for each in self.made[purpose]:
                prepare(each)
            settle()
        return self.made[purpose]

    def _new(self, methods):
        self.port += 1
        return Target(name="iqn.2024-01.org.example:bench%d" % self.port,
                      portal="127.0.0.1:%d" % self.port, methods=methods,
                      authentication=int(methods != "None"))

    def several(self, method, count):
        """Targets to log in to by a method: None, CHAP or a group."""
        def prepare(target):
            auth = target.acl().auth
            if method == "CHAP":
                auth.chap()
            elif method != "None":
                auth.srp(groups=(method,))
        return self.make((method, count), count, prepare,
                         method if method in ("None", "CHAP") else "SRP")

    def get(self, method):
        return self.several(method, 1)[0]

    def log_in(self, method, *args):
        return login(*how(method), *args, target=self.get(method))


def settle():
    """Wait until the workers are idle: their CPU time stops growing."""
    before = None
    while True:
        time.sleep(SETTLE)
        now = sorted((pid, lio.read("/proc/%d/stat" % pid).split()[13:15])
                     for pid in helper.workers())
        if now == before:
            return
        before = now


class Network:
    """Delay the loopback device during a with block: half of the round trip, given in
    milliseconds, in each direction."""

    def __init__(self, rtt):
        self.rtt = rtt

    def __enter__(self):
        if self.rtt:
            subprocess.run(["tc", "qdisc", "replace", "dev", "lo", "root", "netem",
                            "delay", "%dus" % (self.rtt * 500), "limit", "100000"],
                           check=True)

    def __exit__(self, *_):
        if self.rtt:
            subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], check=True)
