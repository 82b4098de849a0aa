#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A helper that is older or newer than the kernel serves no login, and both logs say so;
# workers that run go on, sessions as well, and the right helper is used once it is there
# timeout: 300
# log: failed with status 0301
# log: the helper
import os
import re
import shutil
import signal
import subprocess
import time

import devlog
import expect
import helper
import lio
import openiscsi
from background import timed_login
from lio import Target

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
HEADER = "linux/iscsi_srp.h"
VERSION = re.compile(r"(?m)^(#define ISCSI_SRP_VERSION\s+)([0-9]+)$")
BUILT = "/run/helper/"
ATTEMPTS = 3                            # logins


def kernels_version():
    return int(VERSION.search(lio.read("%s/include/uapi/%s" % (TOP, HEADER))).group(2))


def build(version):
    """The real helper, but with this version of the interface; return its path."""
    header = BUILT + HEADER
    os.makedirs(os.path.dirname(header), exist_ok=True)
    with open(header, "w", encoding="utf-8") as f:
        f.write(VERSION.sub(r"\g<1>%d" % version,
                            lio.read("%s/include/uapi/%s" % (TOP, HEADER)) + "\n"))
    program = BUILT + "iscsi-srpd"
    subprocess.run(["make", "-s", "-j2", "-C", TOP + "/usr/srpd", "O=" + BUILT[:-1],
                    "CPPFLAGS=-I" + BUILT, program], check=True)
    copy = "%s%d/iscsi-srpd" % (BUILT, version)
    os.makedirs(os.path.dirname(copy))
    shutil.copy(program, copy)
    return copy


def refused(what):
    for _ in range(ATTEMPTS):
        ended, seconds = timed_login()
        rows.row(what, ended, "0301")
        rows.row(what + ": in time", seconds < 9 * expect.PATIENCE, True)


def served_again(what):
    """The right helper is there: it is started when the back-off ends."""
    start = time.monotonic()
    ended = timed_login()[0]
    while ended == "0301" and time.monotonic() < start + 12 * expect.PATIENCE:
        time.sleep(0.2)
        ended = timed_login()[0]
    rows.row(what, ended, "0000")


lio.no_precompute()                     # the helper starts for logins
target = Target()
target.acl().auth.srp()
ours = kernels_version()
rows = expect.Table()
with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    disk = openiscsi.disk()
    for version in ours + 1, ours - 1:
        what = "version %d" % version
        program = build(version)
        with helper.Rule(helper.PROGRAM):
            rows.row(what + ": before", timed_login()[0], "0000")
            workers = set(helper.workers())
            with devlog.Lines("iscsi-srpd") as lines:
                # An upgrade of one of the two: workers go on
                helper.set_rule(program)
                for _ in range(ATTEMPTS):
                    rows.row(what + ": by a worker of before", timed_login()[0], "0000")
                rows.row(what + ": a worker of before",
                         bool(workers & set(helper.workers())), True)
                helper.send_workers(signal.SIGTERM)
                lio.wait_for(lambda: not helper.workers() and not helper.channels(),
                             "the end of the workers", 10)
                refused(what)
                said = subprocess.check_output(["dmesg"], text=True)
                rows.row(what + ": kernel's log",
                         "the helper uses version %d of the interface, this kernel "
                         "version %d: install the matching iscsi-srpd" % (version, ours)
                         in said, True)
                wanted = "the kernel does not support version %d of iscsi_srp; install " \
                    "the iscsi-srpd that matches it" % version
                rows.row(what + ": helper's log: %s" % lines,
                         bool(lines) and all(wanted in line for line in lines), True)
            openiscsi.exchange_data(disk, target.image)
            helper.set_rule(helper.PROGRAM)
            served_again(what + ": the right helper")
            rows.row(what + ": and later", timed_login()[0], "0000")
rows.end()
