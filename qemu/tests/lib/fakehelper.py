#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A helper that behaves as a test requests, correctly or not.

request-key runs it instead of the real helper: fakehelper.py MODE KEY.
It logs its actions in LOG, one line each.
"""
import os
import signal
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import keyctl  # noqa: E402
import srp  # noqa: E402

COMM = "fakehelper"
LOG = "/run/fakehelper.log"
VERSION = 1
EPHEMERAL, SESSION = 1, 2
OK, BAD_JOB, FAILED = 0, 1, 2
JOB = struct.Struct("=IHHQIHHH6x1024s1024s1024s")
RESULT = struct.Struct("=IHHQI4x")
HELLO = struct.Struct("=II")
NAMES = list(srp.GROUPS)


def log(*words):
    with open(LOG, "a", encoding="ascii") as f:
        f.write("%d %s\n" % (os.getpid(), " ".join(map(str, words))))


def account():
    """Log of the fakes since the last helper.fake()."""
    try:
        with open(LOG, encoding="ascii") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class Job:
    def __init__(self, data):
        (self.version, self.op, self.group, self.id, self.u, v, b, a,
         self.v, self.b, self.A) = JOB.unpack(data)
        self.v = srp.number(self.v[:v])
        self.b = srp.number(self.b[:b])
        self.A = srp.number(self.A[:a])
        self.N, self.g = srp.GROUPS[NAMES[self.group - 1]]
        self.size = len(srp.octets(self.N))

    def answer(self):
        if self.op == EPHEMERAL:
            value = (self.v + pow(self.g, self.b, self.N)) % self.N
        else:
            value = pow(self.A * pow(self.v, self.u, self.N), self.b, self.N)
        return value.to_bytes(self.size, "big")

    def result(self, value=None, status=OK, **other):
        field = {"version": VERSION, "op": self.op, "id": self.id}
        field.update(other)
        value = self.answer() if value is None else value
        return RESULT.pack(field["version"], field["op"], status, field["id"],
                           field.get("len", len(value))) + value


# Answer of each mode to a job; several answers are sent one after the other.
ANSWERS = {
    "good": lambda job: [job.result()],
    "garbage": lambda job: [os.urandom(300)],
    "empty": lambda job: [b"\0"],
    "short": lambda job: [job.result(job.answer()[1:])],
    "long": lambda job: [job.result(b"\0" + job.answer())],
    "cut": lambda job: [job.result()[:-1]],
    "trailing": lambda job: [job.result() + b"\0"],
    "lies-length": lambda job: [job.result(len=0xffffffff)],
    "wrong-id": lambda job: [job.result(id=job.id + 1)],
    "wrong-op": lambda job: [job.result(op=3 - job.op)],
    "wrong-version": lambda job: [job.result(version=2)],
    "failed": lambda job: [job.result(b"", FAILED)],
    "bad-job": lambda job: [job.result(b"", BAD_JOB)],
    "ok-without-value": lambda job: [job.result(b"")],
    "failed-with-value": lambda job: [job.result(None, FAILED)],
    "not-below-N": lambda job: [job.result(b"\xff" * job.size)],
    "zero": lambda job: [job.result(bytes(job.size))],
    "twice": lambda job: [job.result(), job.result()],
    "second-try": lambda job: [job.result(id=job.id + 1), job.result()],
}


def work(key, mode):
    """Serve jobs until the target says stop."""
    while True:
        try:
            size, data = keyctl.read(key, JOB.size)
        except OSError as error:
            log("read:", error.strerror)
            if error.errno not in (110, 4):     # ETIMEDOUT, EINTR
                return
            continue
        job = Job(data[:size])
        log("job", job.op, NAMES[job.group - 1])
        if mode == "spy":
            log("secret b", "%064x" % job.b)
            if job.op == SESSION:
                log("secret S", job.answer().hex())
        elif mode == "hold":
            signal.pause()
        elif mode == "slow":
            time.sleep(1)
        elif mode == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif mode == "die-once":
            if account().count(" job ") == 1:
                os.kill(os.getpid(), signal.SIGKILL)
        for answer in ANSWERS.get(mode, ANSWERS["good"])(job):
            try:
                keyctl.update(key, answer)
                log("update: ok")
            except OSError as error:
                log("update:", error.strerror)


def main():
    mode, key = sys.argv[1], int(sys.argv[2])
    keyctl.set_comm(COMM)
    log("start", mode)
    if mode == "exit":
        sys.exit(1)
    if mode == "abort":
        os.abort()
    if mode == "killed-once" and account().count("start") == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    if mode == "never":                 # does not answer the upcall
        signal.pause()
    keyctl.assume_authority(key)
    ring = keyctl.join_session()
    ready, done = os.pipe()
    if os.fork():
        # the caller of request-key gets its answer when this process exits
        os.close(done)
        os.read(ready, 1)
        return
    os.setsid()
    version = VERSION + 1 if mode == "wrong-hello" else VERSION
    try:
        keyctl.instantiate(key, HELLO.pack(version, 0), ring)
    except OSError as error:
        log("instantiate:", error.strerror)
        return
    log("instantiate: ok")
    os.write(done, b"\0")
    os.close(done)
    work(key, mode)
    log("exit")


if __name__ == "__main__":
    main()
