#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A worker is sandboxed: uid, capabilities, seccomp, files, memory, ptrace
# log: the helper
import os
import pwd
import subprocess

import expect
import helper
from background import timed_login
from lio import Target, no_precompute, read

no_precompute()                         # one worker, started by the login
target = Target()
target.acl().auth.srp()
helper.reset()
expect.equal(timed_login()[0], "0000", "login that starts a worker")
pids = [helper.only_worker()]
user = pwd.getpwnam("iscsi-srpd")

table = expect.Table()
for pid in pids:
    status = dict(line.split(":\t", 1) for line in
                  read("/proc/%d/status" % pid).splitlines()
                  if ":\t" in line)
    table.row("uids", status["Uid"].split(), [str(user.pw_uid)] * 4)
    table.row("gids", status["Gid"].split(), [str(user.pw_gid)] * 4)
    table.row("groups", status["Groups"].split(), [])
    for name in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
        table.row(name, int(status[name], 16), 0)
    table.row("no_new_privs", status["NoNewPrivs"].strip(), "1")
    table.row("seccomp mode", status["Seccomp"].strip(), "2")
    table.row("threads", status["Threads"].strip(), "1")
    locked = int(status["VmLck"].split()[0])
    table.row("locked memory, %d KiB" % locked, locked > 0, True)
    limits = read("/proc/%d/limits" % pid)
    for what in "Max core file size", "Max file size", "Max processes", \
            "Max open files":
        line = next(line for line in limits.splitlines()
                    if line.startswith(what))
        table.row(what, line[len(what):].split()[:2], ["0", "0"])
    files = {os.readlink("/proc/%d/fd/%s" % (pid, fd))
             for fd in os.listdir("/proc/%d/fd" % pid)}
    table.row("open files", files - {"/dev/null"}, set())
    table.row("directory", os.readlink("/proc/%d/cwd" % pid), "/")
    # not dumpable: root owns its files in /proc, and processes with the same uid
    # cannot ptrace it
    table.row("owner of /proc/PID/mem",
              os.stat("/proc/%d/mem" % pid).st_uid, 0)
    attach = subprocess.run(
        ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid),
         "--clear-groups", "python3", "-c",
         "import ctypes, os\n"
         "libc = ctypes.CDLL(None, use_errno=True)\n"
         "def refused(call):\n"
         "    try: call()\n"
         "    except PermissionError: return True\n"
         "assert libc.ptrace(16, %d, 0, 0) == -1\n"
         "assert ctypes.get_errno() == 1, ctypes.get_errno()\n"
         "assert refused(lambda: open('/proc/%d/mem', 'rb'))\n"
         "assert refused(lambda: open('/proc/%d/maps', 'rb').read())\n"
         "assert refused(lambda: open('/proc/%d/environ', 'rb'))\n"
         % (pid, pid, pid, pid)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    table.row("attempts of its own uid", (attach.returncode, attach.stdout),
              (0, b""))
table.end()
