#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# No secret appears on the wire, in logs, traces, /proc, sysfs or a core dump of the helper
# log: failed with status 0[02]
# log: the helper
import glob
import os
import re
import signal
import subprocess
import threading
import time

import capture
import expect
import fakehelper
import helper
import lio
import openiscsi
import srp
import tracing
from initiator import Initiator
from lio import Target

PASSWORD = "correct horse battery"
CORES = "/run/cores"
secrets = {}                            # name: bytes


def secret(name, value):
    """Bytes to search for: the middle, because leading zeros may be dropped."""
    secrets[name] = value if len(value) <= 20 else value[8:32]


def forms(value):
    """Forms in which a log might contain these bytes."""
    digits = value.hex()
    bytewise = r"[ :,]*".join(digits[n:n + 2]
                              for n in range(0, len(digits), 2))
    return re.compile(bytewise.encode(), re.IGNORECASE), value


seen = {}                               # place: bytes to search


def look(where, data):
    seen[where] = seen.get(where, b"") + (
        data if isinstance(data, bytes) else data.encode())


def slurp(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


over = threading.Event()


def sample():
    """Repeatedly read everything that a process can see of others."""
    while not over.is_set():
        for name in "cmdline", "environ", "comm", "wchan", "syscall":
            for path in glob.glob("/proc/[0-9]*/" + name):
                if not path.startswith("/proc/%d/" % os.getpid()):
                    look("/proc/PID/" + name, slurp(path))
        look("/proc/keys", slurp("/proc/keys"))
        for serial, _, kind, _ in helper.keys():
            if kind == "iscsi_srp":
                done = subprocess.run(["keyctl", "describe", str(serial)],
                                      stdout=subprocess.PIPE, check=False)
                look("keyctl describe", done.stdout)
        for path in glob.glob(openiscsi.SESSIONS + "/*/*") + \
                glob.glob("/sys/class/iscsi_connection/*/*"):
            if os.path.isfile(path):
                # CHAP password files of the session, readable by root only
                look("sysfs " + os.path.basename(path), slurp(path))
        time.sleep(0.05)


target = Target()
acl = target.acl()
acl.auth.srp(password=PASSWORD)
secret("password", PASSWORD.encode())
x = srp.private_x(b"alice", PASSWORD.encode(), lio.SALT)
secret("x", x.to_bytes(20, "big"))
v = srp.octets(srp.verifier("SRP-1536", b"alice", PASSWORD.encode(),
                            lio.SALT))
secret("verifier", v)

lio.write("/sys/kernel/debug/dynamic_debug/control",
          "module iscsi_target_mod +p")
lio.write("/sys/kernel/debug/dynamic_debug/control",
          "file *iscsi_target* +p")
os.makedirs(CORES)
os.chmod(CORES, 0o777)
lio.write("/proc/sys/kernel/core_pattern", CORES + "/core.%p")

sampler = threading.Thread(target=sample)
with tracing.Trace() as events, capture.Capture() as wire:
    sampler.start()
    try:
        # a fake helper reveals what the real one gets: b, S
        with helper.fake("spy"):
            with Initiator(password=PASSWORD) as i:
                i.login()
                i.logout()
            for line in fakehelper.account().splitlines():
                if " secret " in line:
                    _, _, name, value = line.split()
                    secret("spied " + name, bytes.fromhex(value))
        # the real helper; the initiator knows S and K too
        with Initiator(password=PASSWORD) as i:
            i.login()
            secret("S", srp.octets(i.client.S))
            secret("K", i.client.K)
            i.logout()
        # a wrong password, then the real initiator
        for password in "wrong horse battery", PASSWORD:
            with openiscsi.OpenIscsi(openiscsi.srp(
                    password=password)) as initiator:
                initiator.debug = 8
                initiator.stop()
                initiator.start()
                initiator.try_login()
                look("iscsiadm", initiator.output)
                look("iscsiadm -m session",
                     initiator.iscsiadm("-m", "session", "-P", "3")[1])
            look("iscsid's log", slurp(initiator.log))
        secret("wrong password", b"wrong horse battery")
        # a core dump of the helper, with the most permissive limits
        pids = helper.workers()
        expect.true(pids, "no worker to kill")
        for pid in pids:
            subprocess.run(["prlimit", "--core=unlimited",
                            "--fsize=unlimited", "-p", str(pid)], check=True)
            os.kill(pid, signal.SIGABRT)
        # the kernel may have started others to refill the pool
        lio.wait_for(lambda: not set(pids) & set(helper.workers()),
                     "the workers' end")
        look("dmesg", subprocess.run(["dmesg"], stdout=subprocess.PIPE,
                                     check=True).stdout)
    finally:
        over.set()
        sampler.join()
look("trace", events.raw)
look("the wire", wire.octets())
for log in "/var/log/syslog", "/var/log/auth.log", "/var/log/messages":
    look(log, slurp(log)[-1000000:])

expect.equal(os.listdir(CORES), [], "cores of the helper")
for name in "spied b", "spied S", "S", "K":
    expect.true(name in secrets, "%s is not known, so not looked for" % name)
expect.true(len(seen["dmesg"]) > 2000, "dynamic debug said nothing")
expect.true(b"iscsi_srp_complete" in seen["trace"], "nothing was traced")
expect.true(b"iscsi_srp" in seen["/proc/keys"], "no key was seen")
expect.true(seen["the wire"].count(b"SRP_M=") >= 4, "logins are not on the wire")
# check that the search works
pattern, raw = forms(b"alice")
expect.true(raw in b"U is alice" and pattern.search(b"61 6C:69,6365"),
            "the search is blind")

table = expect.Table()
for name, value in secrets.items():
    pattern, raw = forms(value)
    for where, data in seen.items():
        table.row("%s in %s" % (name, where),
                  bool(pattern.search(data)) or raw in data, False)
table.end()
