#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Credentials, policy and counters need CAP_SYS_ADMIN
import os
import subprocess

import expect
import srp
from lio import Discovery, Target

target = Target()
acl = target.acl()
acl.auth.srp(groups=srp.GROUPS)
target.auth.srp()
discovery = Discovery(False)
discovery.srp()

# root without CAP_SYS_ADMIN: the file mode alone must not be enough
PROBE = """
import os, sys
for path in sys.argv[1:]:
    for flags, what in ((os.O_RDONLY, "read"), (os.O_WRONLY, "written")):
        try:
            fd = os.open(path, flags)
            os.read(fd, 4096) if what == "read" else os.write(fd, b"NULL")
        except PermissionError:
            continue
        print(path, "could be", what)
"""
for auth in acl.auth, target.auth, discovery:
    paths = [os.path.join(auth.path, name) for name in os.listdir(auth.path)
             if name.startswith("srp_")]
    expect.true(len(paths) > 11, "files in " + auth.path)
    done = subprocess.run(
        ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps",
         "-sys_admin", "python3", "-c", PROBE] + paths,
        stdout=subprocess.PIPE, check=True)
    expect.equal(done.stdout.decode(), "", "without CAP_SYS_ADMIN")
    expect.equal(auth.get("srp_userid"), "alice", "srp_userid")
