#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The credential files accept valid values, refuse invalid ones, and can be unset
# log: ^iSCSI SRP: (srp_salt|srp_userid|srp_verifier_)
import os

import expect
import lio
import srp
from lio import Discovery, Target

target = Target()
acl = target.acl()
N, _ = srp.GROUPS["SRP-1536"]
VERIFIER = "srp_verifier_SRP-1536"
table = expect.Table()


def attempt(auth, name, value):
    """Content of the file after a write, or the errno if it was refused."""
    try:
        auth.set(name, value)
    except OSError as error:
        return error.errno
    return auth.get(name)


EINVAL = 22
CASES = [
    ("srp_userid", "alice", "alice"),
    ("srp_userid", "alice\n", "alice"),
    ("srp_userid", "Zoë: the 2nd, of 3", "Zoë: the 2nd, of 3"),
    ("srp_userid", "u" * 255, "u" * 255),
    ("srp_userid", "u" * 256, EINVAL),
    ("srp_userid", "é" * 128, EINVAL),
    ("srp_userid", b"\xff\xfe", EINVAL),
    ("srp_userid", b"\xc0\xaf", EINVAL),
    ("srp_userid", b"a\0b", EINVAL),
    ("srp_userid", "a\nb\n", EINVAL),
    ("srp_salt", "00", "00"),
    ("srp_salt", "0001020aFF", "0001020aff"),
    ("srp_salt", "ab" * 1024, "ab" * 1024),
    ("srp_salt", "ab" * 1025, EINVAL),
    ("srp_salt", "xyz", EINVAL),
    ("srp_salt", "0b" + "AA==", EINVAL),
    ("srp_salt", "12 34", EINVAL),
    (VERIFIER, "0", EINVAL),
    (VERIFIER, "00", EINVAL),
    (VERIFIER, "%x" % (N - 1), "%x" % (N - 1)),
    (VERIFIER, "%x" % N, EINVAL),
    (VERIFIER, "%x" % (N + 1), EINVAL),
    (VERIFIER, "f" * 2048, EINVAL),
    (VERIFIER, "-1", EINVAL),
    (VERIFIER, "hello", EINVAL),
]
names = {"srp_userid", "srp_salt"} | {"srp_verifier_" + group
                                      for group in srp.GROUPS}
for where, auth in (("ACL", acl.auth), ("portal group", target.auth),
                    ("discovery", Discovery(False))):
    table.row(where + ": missing files", names - set(os.listdir(auth.path)),
              set())
    for name in names:
        mode = os.stat(os.path.join(auth.path, name)).st_mode & 0o777
        table.row("%s: mode of %s" % (where, name), mode & 0o077 &
                  ~0o044, 0)
        table.row("%s: %s at first" % (where, name), auth.get(name), "NULL")
    for name, value, wanted in CASES:
        auth.set(name, "\n")
        got = attempt(auth, name, value)
        table.row("%s: %s=%.40r" % (where, name, value), got, wanted)
        if wanted == EINVAL:
            table.row("%s: %s after %.40r" % (where, name, value),
                      auth.get(name), "NULL")
    # a refused write keeps the old value
    auth.set("srp_userid", "alice")
    attempt(auth, "srp_userid", "u" * 256)
    table.row(where + ": after a refusal", auth.get("srp_userid"), "alice")
    # every verifier can be read and written back
    for group in srp.GROUPS:
        name = "srp_verifier_" + group
        v = "%x" % srp.verifier(group, b"alice", b"pw", lio.SALT)
        v = "0" * (len(v) % 2) + v
        table.row("%s: %s" % (where, name),
                  int(attempt(auth, name, v), 16), int(v, 16))
        table.row("%s: %s written back" % (where, name),
                  attempt(auth, name, auth.get(name)), auth.get(name))
    for unset in "NULL", "NULL\n", "\n":
        auth.set(VERIFIER, "%x" % (N - 1))
        table.row("%s: unset by %r" % (where, unset),
                  attempt(auth, VERIFIER, unset), "NULL")
    auth.no_srp()
    table.row(where + ": all unset",
              {auth.get(name) for name in names}, {"NULL"})

# An ACL that was removed and created again has no credentials
acl.auth.srp()
acl.remove()
acl = target.acl()
table.row("ACL created again", acl.auth.get("srp_userid"), "NULL")
table.end()
