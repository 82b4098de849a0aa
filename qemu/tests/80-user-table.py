#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The user table: who can log in with an entry, from where, and until when
# log: failed with status 0[02]
# log: ^iSCSI SRP: (enabled|expires|initiators|note|srp_salt|srp_userid|srp_users)
# log: ^iSCSI SRP: (source|srp_verifier_|tpgt)
import errno
import os
import re
import subprocess
import time

import expect
from background import srp_login
from initiator import Initiator, NAME, Rejected, outcome
from iscsi import Closed
from lio import Discovery, Parameter, Target, User, wait_for, write

OTHER = "iqn.2024-01.org.example:other"


def ends(**how):
    return outcome(lambda i: i.srp(), **how)


def fingerprint(user):
    """What an initiator with a wrong password sees."""
    with Initiator(user=user, password="guess") as i:
        try:
            i.srp()
        except Rejected as reject:
            return (reject.status, i.offer, len(i.salt),
                    [(pdu.flags, pdu.keys.names())
                     for way, pdu in i.transcript if way == "<"])
    return "success"


def closed(session):
    """Whether another login has ended the session."""
    try:
        session.ping()
        return False
    except Closed:
        return True


def logged(session):
    """Try to end alice's session until the rate-limited log says why it failed."""
    outcome(srp_login, isid=session.isid, user="bob", password="bob's password")
    return re.search('as "bob" failed with status 0202: the session belongs to '
                     'another user', subprocess.check_output(["dmesg"]).decode())


def refused(call, *args):
    """Call it; return the name of its errno, or "done"."""
    try:
        call(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


target = Target()
target.demo()
table = expect.Table()
alice = User(target, "alice")
User(target, "bob", "bob", "bob's password")
path = target.path + "/srp_users"
table.row("entries", sorted(os.listdir(path)), ["alice", "bob"])
table.row("files", sorted(name for name in os.listdir(alice.path)
                          if not name.startswith("srp_")),
          ["enabled", "expires", "initiators", "note", "source",
           "tpgt"])
table.row("other files", len(os.listdir(alice.path)), 17)

table.row("alice", ends(), "0000")
table.row("bob", ends(user="bob", password="bob's password"), "0000")
table.row("bob by alice's password", ends(user="bob"), "0201")
table.row("mallory", ends(user="mallory"), "0201")
table.row("unknown user looks as", fingerprint("mallory"), fingerprint("bob"))
table.row("log", "with user table entry alice" in
          subprocess.check_output(["dmesg"]).decode(), True)

# A session belongs to its user: nobody else ends it, or adds a connection to it
bob = {"user": "bob", "password": "bob's password"}
target.param("MaxConnections", "4")
target.param("AuthMethod", "SRP,CHAP,None")
target.auth.chap()
target.attrib("authentication", 0)
with Initiator() as session:
    session.login()
    ways = {"ends": {"isid": session.isid},
            "joins": {"isid": session.isid, "tsih": session.tsih, "cid": 1},
            "replaces the connection of": {"isid": session.isid,
                                           "tsih": session.tsih}}
    for how, where in ways.items():
        for who, script, kwargs in (
                ("bob", srp_login, bob),
                ("CHAP", lambda i: i.login("CHAP"), {}),
                ("None", lambda i: i.login("None"), {})):
            table.row("%s %s alice's session" % (who, how),
                      outcome(script, **where, **kwargs), "0202")
            table.row("alice's session lives", session.ping(), True)
    wait_for(lambda: logged(session), "the log line of another user", 15,
             step=0.5)
    alice.srp("alice", "next password")
    with Initiator(password="next password", **ways["joins"]) as second:
        second.login()
        table.row("alice's next password joins", session.ping(), True)
    with Initiator(password="next password", **ways["ends"]) as new:
        new.login()
        table.row("alice's next password ends", closed(session), True)
    alice.srp("alice")
with Initiator() as session:
    session.login("CHAP")
    with Initiator(isid=session.isid, **bob) as new:
        new.login()
        table.row("a session of CHAP belongs to nobody", closed(session), True)
target.attrib("authentication", 1)
target.param("AuthMethod", "SRP")
target.auth.no_chap()

for name, value, wanted in (
        ("enabled", "0", "0201"), ("enabled", "1", "0000"),
        ("expires", str(int(time.time()) - 1), "0201"),
        ("expires", str(int(time.time()) + 1000), "0000"),
        ("expires", "NULL", "0000"),
        ("initiators", OTHER, "0201"),
        ("initiators", OTHER + " " + NAME.upper(), "0000"),
        ("initiators", "NULL", "0000"),
        ("tpgt", "2,3", "0201"), ("tpgt", "3 1", "0000"),
        ("tpgt", "NULL", "0000"),
        ("note", "Zürich; 3rd floor, a=b", "0000"),
        ("source", "targetcli", "0000")):
    alice.set(name, value)
    table.row("%s %s" % (name, value), ends(), wanted)
    shown = {"2,3": "2 3", OTHER + " " + NAME.upper(): OTHER + " " + NAME}
    table.row("%s shown" % name, alice.get(name), shown.get(value, value))

# A refused value changes nothing
for name, value in (("enabled", "on"), ("expires", "tomorrow"),
                    ("expires", "0"), ("note", "n" * 256),
                    ("note", b"\xff"), ("source", "s" * 32),
                    ("initiators", "host"), ("initiators", " , "), ("tpgt", "65536"),
                    ("srp_userid", "u" * 256), ("srp_salt", "xyz"),
                    ("srp_verifier_SRP-1536", "f" * 384)):
    before = alice.get(name)
    table.row("%s=%r" % (name, value), refused(alice.set, name, value),
              "EINVAL")
    table.row(name + " afterwards", alice.get(name), before)

# A user has one salt
second = User(target, "second", "bob", "next", salt=b"\1" * 16, enabled=False)
table.row("another salt of bob", refused(second.set, "enabled", "1"), "EINVAL")
second.remove()

# A minimum group that only some entries reach reveals nobody
strong = User(target, "strong", "carol", groups=("SRP-1536", "MODP-3072"))
with Parameter("srp_min_group", "MODP-3072"):
    for user in "bob", "mallory":
        table.row("%s below srp_min_group looks as" % user, fingerprint(user),
                  fingerprint("carol"))
strong.remove()

# A new entry is disabled, because its credentials are written one by one
fresh = User(target, "fresh", "carol", enabled=False)
table.row("new entry", fresh.get("enabled"), "0")
table.row("not switched on", ends(user="carol"), "0201")
table.row("name", refused(os.mkdir, path + "/a\nb"), "EINVAL")
table.row("name twice", refused(os.mkdir, path + "/alice"), "EEXIST")

# An ACL's credentials override the table, except for entries that name the initiator
acl = target.acl()
table.row("ACL without credentials", ends(), "0000")
acl.auth.srp("acl", "password of the ACL")
table.row("ACL's own", ends(user="acl", password="password of the ACL"),
          "0000")
table.row("overridden", ends(), "0201")
table.row("elsewhere", ends(name=OTHER), "0000")
alice.set("initiators", NAME)
table.row("made for this initiator", ends(), "0000")
table.row("not for another", ends(name=OTHER), "0201")
OWN = {"user": "acl", "password": "password of the ACL"}
with Initiator(**OWN) as session:
    session.login()
    table.row("alice ends a session of the ACL's user",
              outcome(srp_login, isid=session.isid), "0202")
    table.row("its session lives", session.ping(), True)
with Initiator() as session:
    session.login()
    with Initiator(isid=session.isid, **OWN) as new:
        new.login()
        table.row("the ACL's user ends alice's", closed(session), True)
alice.set("initiators", "NULL")
acl.auth.no_srp()
table.row("no longer overridden", ends(), "0000")

# Discovery uses no table
discovery = Discovery()
discovery.srp("dora", "dora's password")
table.row("discovery", outcome(lambda i: i.srp(), discovery=True), "0201")

# Root without CAP_SYS_ADMIN
probe = """
import sys
for path in sys.argv[1:]:
    for mode in "r", "w":
        try:
            with open(path, mode) as f:
                f.read() if mode == "r" else f.write("NULL")
        except PermissionError:
            continue
        print(path, mode)
"""
files = [os.path.join(alice.path, name) for name in os.listdir(alice.path)]
done = subprocess.run(
    ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin",
     "python3", "-c", probe] + files, stdout=subprocess.PIPE, check=True)
table.row("without CAP_SYS_ADMIN", done.stdout.decode(), "")

# A login in progress keeps its credentials, and a session stays
with Initiator() as session, Initiator() as i:
    session.login()
    i.start("SRP")
    i.user()
    alice.remove()
    i.ephemeral()
    i.prove()
    table.row("session of an entry that is gone", session.ping(), True)
table.row("entry removed", ends(), "0201")
table.row("target with entries", refused(os.rmdir, target.path), "ENOTEMPTY")
write(target.tpg + "/enable", "0")
table.end()
