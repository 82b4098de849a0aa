#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tls_measure.py TIME FILE [--quick]: measure what TLS costs on the two machines of
qemu/pair, until that time, and write it to FILE as JSON.

The file has the turns of each question, a turn is {way: answer}.  What is compared is
measured one after the other in short turns, so that noise of the machine meets all of it.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
for directory in "../debian/lib", "../tests/lib":
    sys.path.append(os.path.join(HERE, directory))
# pylint: disable=wrong-import-position
import pair
import tls_ways as ways
from wire import Wire

AGAIN = " again"                        # the same way a second time
BARE = {"bare TLS": "tls", "bare TCP": "tcp"}
SIZES = ("1M", "64k", "4k")
DEPTH = 16
SECONDS = 3                             # fio takes whole ones
RTT = 10                                # ms
LOGINS = 5
MODULES = 360                           # s in which a turn with other modules may begin
FAULTS = AssertionError, ValueError, LookupError, subprocess.SubprocessError
TRIES = 2                               # until a question that fails is left out


def say(what):
    print("  " + what, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, quick):
        self.quick = quick
        self.seconds = 1 if quick else SECONDS
        self.disks = {}
        self.idle = {}                  # CPU time of a run that transfers nothing

    def cost(self, kind, run):
        """Run run(); return its answer with the CPU time of each machine."""
        before = ways.cpu()
        answer = run()
        for name, used in ways.cpu().items():
            answer[name + "_s"] = used - before[name] - self.idle.get(kind, {}).get(
                name + "_s", 0)
        return answer

    def fio(self, disk, what, size, *more):
        """Read or write the disk; 4 KiB in any order, more in sequence."""
        order = "rand" if size == "4k" else ""
        said = pair.must(
            "initiator", "fio", "--name=bench", "--thread", "--filename=" + disk,
            "--direct=1", "--ioengine=libaio", "--rw=" + order + what, "--bs=" + size,
            "--iodepth=%d" % DEPTH, "--output-format=json", *(more or (
                "--time_based", "--runtime=%g" % self.seconds)))
        job = json.loads(said[said.index("{"):])["jobs"][0][what]
        return {"bytes": job["io_bytes"], "seconds": job["runtime"] / 1000,
                "per_s": job["bw_bytes"], "iops": job["iops"]}

    def bare(self, kind, what, seconds=None, cipher="AES-256-GCM"):
        answer = json.loads(pair.must(
            "initiator", "env", "OPENSSL_CONF=/root/%s.cnf" % cipher, "python3",
            ways.COPIES + ways.BARE, what, ways.ADDRESS, str(ways.STREAMS),
            str(self.seconds if seconds is None else seconds), kind))
        if kind == "tls" and answer["cipher"] != ways.CIPHERS[cipher]:
            raise AssertionError("cipher %s" % answer["cipher"])
        answer["per_s"] = answer["bytes"] / max(answer["seconds"], 1e-6)
        answer["iops"] = None
        return answer

    def io(self, what, size):
        """All ways.  A stream has no requests: it is only compared with large ones."""
        found = {}
        order = ["TLS", "stunnel", "plain"] + [name for name in ways.NVME
                                               if name in self.disks]
        if size == SIZES[0]:
            order = ["bare TLS", "TLS", "bare TLS" + AGAIN, "stunnel", "TLS" + AGAIN,
                     "plain", "bare TCP"] + order[3:]
        for name in order:
            way = name.removesuffix(AGAIN)
            if way in BARE:
                found[name] = self.cost("bare", lambda way=way: self.bare(BARE[way], what))
            else:
                found[name] = self.cost("fio", lambda way=way: self.fio(
                    self.disks[way], what, size))
        return found

    def startup(self, _):
        """CPU time of the programs themselves."""
        self.idle = {}
        some = {"fio": self.cost("fio", lambda: self.fio(
            self.disks["plain"], "read", "4k", "--size=4k")),
                "bare": self.cost("bare", lambda: self.bare("tls", "read", 0))}
        self.idle = some
        return some

    def ciphers(self, what):
        """GnuTLS's configuration of the initiator's system decides."""
        found = {}
        for name in ways.CIPHERS:
            others = [each for each in ways.CIPHERS if each != name]
            pair.logout(portal=ways.TLS)
            lines = ["tls-disabled-cipher = %s\n" % each.lower() for each in others]
            pair.sh("initiator", "mkdir -p /etc/gnutls; cat >/etc/gnutls/config",
                    stdin="[overrides]\n" + "".join(lines))
            try:
                pair.login(portal=ways.TLS)
            finally:
                pair.sh("initiator", "rm /etc/gnutls/config")
            shown = re.findall("TLS: (.*)", pair.sessions())
            if len(shown) != 1 or name.lower() not in shown[0].lower():
                raise AssertionError("cipher %s: %s" % (name, shown))
            self.disks["TLS"] = ways.disk(ways.TLS)
            found[name] = self.cost("fio", lambda: self.fio(self.disks["TLS"], what, "1M"))
            found["bare " + name] = self.cost("bare", lambda name=name: self.bare(
                "tls", what, cipher=name))
        pair.logout(portal=ways.TLS)
        pair.login(portal=ways.TLS)
        self.disks["TLS"] = ways.disk(ways.TLS)
        return found

    def login(self, _):
        """Latency with netem, half of the time in each direction; round trips on the wire."""
        def run(count):
            return json.loads(pair.must(
                "initiator", "env", "PYTHONPATH=" + ways.COPIES + ways.TESTS, "python3",
                ways.COPIES + ways.LOGIN, ways.ADDRESS,
                ways.PLAIN.split(":")[1], ways.TLS.split(":")[1], str(ways.STREAMS),
                str(count), pair.USER, pair.INITIATOR, pair.TARGET,
                stdin=pair.PASSWORD + "\n"))

        with contextlib.ExitStack() as stack:
            for machine in "target", "initiator":
                pair.sh(machine, "tc qdisc add dev eth0 root netem delay %dus" % (RTT * 500))
                stack.callback(pair.sh, machine, "tc qdisc del dev eth0 root")
            trips = {}
            took = run(1 if self.quick else LOGINS)
            for name, port in (("plain", 3260), ("TLS", 3261), ("handshake", ways.STREAMS)):
                with Wire(port=port) as wire:
                    run(1)
                trips[name], = wire.round_trips()
        return {name: {"seconds": took[name], "round_trips": trips[name]} for name in took}

    def plain(self, stock):
        """Plain TCP with the kernel's own modules at both ends, or with ours."""
        disk = ways.serve_plain(stock)
        found = {"%s %s" % (what, size): self.fio(disk, what, size)
                 for what in ("read", "write") for size in (SIZES[0], SIZES[-1])}
        ways.stop_plain()
        return found

    def modules(self, end):
        """Turns of the kernel's own modules, and ours before and after them."""
        turns = []
        ours = self.plain(False)
        while not turns or time.time() < end:
            stock, again = self.plain(True), self.plain(False)
            turns.append({what: {"stock": stock[what], "ours": ours[what],
                                 "ours" + AGAIN: again[what]} for what in ours})
            ours = again
        return turns

    def about(self):
        def first(machine, script):
            return pair.sh(machine, script).strip()

        return {
            "kernel": first("target", "uname -r"),
            "drivers": sorted(set(re.findall(
                r"^driver +: (.*(?:gcm|chacha).*)$", first("target", "cat /proc/crypto"),
                re.M | re.I))),
            "versions": first("initiator", "dpkg-query -W -f '${Package} ${Version}, ' fio "
                              "stunnel4 nvme-cli openssl ktls-utils libgnutls30t64")[:-1],
            "cpu": first("target", r"sed -n 's/^model name\s*: //p' /proc/cpuinfo")}


# question, function, its arguments
PLAN = [("startup", Bench.startup, ("",))] + [
    ("%s %s" % (what, size), Bench.io, (what, size))
    for size in SIZES for what in ("read", "write")] + [
        ("ciphers " + what, Bench.ciphers, (what,)) for what in ("read", "write")] + [
            ("login", Bench.login, ("",))]


def measure(found, end, quick):
    bench = Bench(quick)
    began = time.monotonic()
    ways.prepare()
    try:
        found["modules"] = bench.modules(0 if quick else time.time() + MODULES)
    except FAULTS as error:
        found["failed"].append("modules")
        say("'modules' failed: %s" % error)
    say("modules: %.0f s" % (time.monotonic() - began))
    ways.set_up()
    bench.disks = ways.log_in()
    try:
        bench.disks.update(ways.set_up_nvme())
    except (AssertionError, ValueError) as error:
        found["nvme"] = str(error)
        say("NVMe/TCP: %s" % error)
    found["about"] = bench.about()
    say("set up after %.0f s" % (time.monotonic() - began))
    took = {}
    while True:
        for question, function, words in PLAN:
            if found["failed"].count(question) == TRIES:
                continue
            start = time.monotonic()
            if time.time() + took.get(question, 0) > end:
                return
            try:
                found.setdefault(question, []).append(function(bench, *words))
            except FAULTS as error:
                found["failed"].append(question)
                say("'%s' failed: %s" % (question, error))
            took[question] = time.monotonic() - start
            say("%s: %.0f s" % (question, took[question]))
        if quick:
            return


def main():
    end, path, *quick = sys.argv[1:]
    found = {"failed": []}
    try:
        measure(found, float(end), bool(quick))
    finally:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(found, f, indent=1)
    return bool(found["failed"])


if __name__ == "__main__":
    sys.exit(main())
