#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: own
# timeout: 240
# iscsi-srp-passwd manages a file of users and applies it to a target's table
# log: failed with status 0[023]
import os
import subprocess
import time

import expect
import lio
from initiator import NAME, outcome
from lio import Target

USERS = 10000
FILE = "/run/users"


def passwd(*args, stdin="", **more):
    """Run the tool; return (status, output)."""
    done = subprocess.run(("iscsi-srp-passwd", "-f", FILE) + args,
                          input=stdin.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False,
                          **more)
    return done.returncode, done.stdout.decode()


def ends(user, password, **how):
    return outcome(lambda i: i.srp(), user=user, password=password, **how)


target = Target()
target.demo()
path = target.path + "/srp_users"
table = expect.Table()

# Apply the file to the table
passwd("--batch", stdin="""
[alice]
srp_password=of alice
[bob]
srp_password=of bob
note=Zürich; a=b
expires=4000000000
initiators=%s
tpgt=1,2
[off]
srp_password=of off
enabled=0
""" % NAME)
table.row("apply", passwd("--apply", path),
          (0, "added alice\nadded bob\nadded off\n"))
table.row("owner", lio.read(path + "/alice/source"), "iscsi-srp-passwd")
table.row("apply again", passwd("--apply", path), (0, ""))
table.row("alice", ends("alice", "of alice"), "0000")
table.row("bob", ends("bob", "of bob"), "0000")
table.row("bob from elsewhere", ends("bob", "of bob", name=NAME + "2"), "0201")
table.row("switched off", ends("off", "of off"), "0201")
table.row("bob's note", lio.read(path + "/bob/note"), "Zürich; a=b")

# Only differences are written
lio.write(path + "/alice/note", "by hand")
passwd("--batch", stdin="[bob]\nnote=\nexpires=4000000001\n[off]\nremove=1\n")
table.row("difference", passwd("--apply", path),
          (0, "changed alice: note\nchanged bob: expires, note\n"
           "removed off\n"))
table.row("bob still", ends("bob", "of bob"), "0000")
passwd("alice", stdin="new password\n")
status, output = passwd("--apply", path)
table.row("new password: status", status, 0)
table.row("new password: said", output.startswith("changed alice: srp_"), True)
table.row("new password", ends("alice", "new password"), "0000")
table.row("old password", ends("alice", "of alice"), "0201")
table.row("enabled", lio.read(path + "/alice/enabled"), "1")

# Rotate a password: both work until the old one expires
table.row("the one that works is remembered", ends("alice", "new password"),
          "0000")
passwd("--batch", stdin="[alice 2]\nsrp_userid=alice\nsrp_password=newer\n"
       "[alice]\nexpires=%d\n" % (time.time() + 1000))
table.row("rotation", passwd("--apply", path),
          (0, "added alice 2\nchanged alice: expires\n"))
table.row("old one", ends("alice", "new password"), "0000")
table.row("new one", [ends("alice", "newer"), ends("alice", "newer")],
          ["0301", "0000"])
passwd("--batch", stdin="[alice]\nremove=1\n")
table.row("end of the old", passwd("--apply", path), (0, "removed alice\n"))
table.row("old one ended", ends("alice", "new password"), "0201")
table.row("new one stays", ends("alice", "newer"), "0000")

# Export the table to a file: byte-identical
before = lio.read(FILE)
os.unlink(FILE)
table.row("export", passwd("--export", path), (0, ""))
table.row("exported", lio.read(FILE), before)
table.row("nothing to apply", passwd("--apply", path), (0, ""))

# Errors: reported by the kernel, and missing permissions
table.row("root without the capability", subprocess.run(
    ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin",
     "iscsi-srp-passwd", "-f", FILE, "--apply", path], check=False,
    stderr=subprocess.PIPE).returncode, 77)
target.acl()
table.row("not a table", passwd("--apply", target.tpg + "/acls")[0], 64)
table.row("ACLs", os.listdir(target.tpg + "/acls"), [NAME])
table.row("no table", passwd("--apply", target.tpg + "/srp_users")[0], 69)
os.mkdir("/run/full")
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", "/run/full"],
               check=True)
with open("/run/full/rest", "wb") as f:
    f.write(bytes(4096))
done = subprocess.run(["iscsi-srp-passwd", "-f", "/run/full/users",
                       "--export", path], check=False, stderr=subprocess.PIPE)
table.row("disk full", (done.returncode, b"No space" in done.stderr,
                        os.listdir("/run/full")), (73, True, ["rest"]))
subprocess.run(["umount", "/run/full"], check=True)
table.end()

# 10,000 users in one batch, in the file and in the table
values = [line for line in lio.read(FILE).split("[alice 2]")[1]
          .split("\n\n")[0].splitlines() if line.startswith("srp_")]
text = "".join("[u%d]\nsrp_userid=u%d\n%s\n" % (number, number,
                                                "\n".join(values[1:]))
               for number in range(USERS))
status, output = passwd("--batch", stdin=text)
expect.equal((status, output.count("added ")), (0, USERS), "batch")
status, output = passwd("--apply", path)
expect.equal((status, output.count("added ")), (0, USERS), "apply")
passwd("--batch", stdin="[u5000]\nnote=x\n")
expect.equal(passwd("--apply", path), (0, "changed u5000: note\n"),
             "one of %d" % USERS)
expect.equal(ends("alice", "newer"), "0000", "login among many")
