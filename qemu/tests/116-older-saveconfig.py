#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# What an rtslib without SRP saved, or the first one with it, is served as it was
# versions: both
# timeout: 240
# log: failed with status 0[023]
# log: login of .* with user table entry
import collections
import json
import os

import admin
import expect
import lio
from admin import ACL, TPG, targetcli
from initiator import TARGET, outcome

# saved/first.json was saved by the first rtslib of this project, 2.1.75, without what
# belongs to a certain kernel
FIRST = os.path.join(os.path.dirname(os.path.realpath(__file__)), "saved/first.json")
FILE = "/run/saved.json"
OTHER = "iqn.2024-01.org.example:other"     # has no ACL
CHAP_PASSWORD = "of_chap_1234"
WRONG = ("0201", "0301")                # 0301 once if a user has two passwords
rows = expect.Table()


def method_of(method, **how):
    return outcome(lambda i: i.login(method), **how)


def one_way(i):
    i.srp(target_auth="No")


def second_try(**how):
    """As an initiator does after 0301: another password may be right."""
    ended = method_of("SRP", **how)
    return method_of("SRP", **how) if ended == "0301" else ended


def srp_values(config):
    """How often each SRP value occurs."""
    found = collections.Counter()
    if isinstance(config, dict):
        found.update((name, value) for name, value in config.items()
                     if "srp_" in name and isinstance(value, str))
        config = config.values()
    if not isinstance(config, str) and hasattr(config, "__iter__"):
        for part in config:
            found += srp_values(part)
    return found


def restored(what):
    admin.clear()
    rows.row(what + ": restore", admin.restore(FILE), "")
    rows.row(what + ": enabled", lio.read("%s/%s/tpgt_1/enable" % (lio.ISCSI, TARGET)), "1")


def write(text):
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="ascii") as f:
        f.write(text)


def by_the_first():
    admin.create_image()
    text = lio.read(FIRST)
    write(text)
    restored("first")
    for what, status, how in (
            ("right", "0000", {}),
            ("wrong", WRONG, {"password": "wrong"}),
            ("unknown user", WRONG, {"user": "nobody"}),
            ("portal group's", "0000", {"user": "carol", "password": "of the group",
                                        "name": OTHER}),
            ("ACL's user elsewhere", WRONG, {"name": OTHER}),
            ("disabled entry", WRONG, {"user": "eve", "password": "of eve", "name": OTHER}),
            ("discovery", "0000", {"user": "bob", "password": "of discovery",
                                   "discovery": True}),
            ("discovery, wrong", WRONG, {"user": "bob", "password": "wrong",
                                         "discovery": True})):
        rows.row("first: " + what, method_of("SRP", **how), status)
    for password in "of dave", "old of dave":
        rows.row("first: table, " + password, second_try(
            user="dave", password=password, name=OTHER), "0000")
    rows.row("first: mutual required", outcome(one_way), "0202")
    for method in "CHAP", "None":
        for discovery in False, True:
            rows.row("first: %s, discovery %s" % (method, discovery),
                     method_of(method, discovery=discovery), "0201")
    targetcli("saveconfig", FILE)
    saved = json.loads(lio.read(FILE))
    rows.row("first: not saved again",
             srp_values(json.loads(text)) - srp_values(saved), collections.Counter())
    # and as it is saved now
    restored("first, again")
    rows.row("first, again: right", method_of("SRP"), "0000")
    rows.row("first, again: None", method_of("None"), "0201")

    # A file that ends too early brings nothing up
    write(text[:len(text) // 2])
    admin.clear()
    said = admin.restore(FILE)
    rows.row("half of it: says why", bool(said), True)
    rows.row("half of it: targets", os.path.isdir("%s/%s" % (lio.ISCSI, TARGET)), False)
    admin.forget()


def without_srp(saver):
    admin.create(tools=saver)
    for where in ([ACL, "set", "auth"], ["/iscsi", "set", "discovery_auth", "enable=1"]):
        targetcli(*where, "userid=alice", "password=" + CHAP_PASSWORD, tools=saver)
    targetcli(TPG, "set", "parameter", "AuthMethod=CHAP", tools=saver)
    targetcli(TPG, "set", "attribute", "authentication=1", tools=saver)
    targetcli("saveconfig", FILE, tools=saver)

    def logs_in(what, srp):
        for discovery in False, True:
            how = {"discovery": discovery}
            text = "%s, %s, discovery %s: " % (saver, what, discovery)
            rows.row(text + "CHAP", method_of("CHAP", password=CHAP_PASSWORD, **how), "0000")
            rows.row(text + "wrong", method_of("CHAP", password="wrong", **how), "0201")
            rows.row(text + "None", method_of("None", **how), "0201")
            rows.row(text + "SRP", method_of("SRP", **how), "0000" if srp else "0201")

    restored(saver)
    logs_in("as it was", False)
    for where in ACL, "/iscsi":
        admin.password(where)
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP,CHAP")
    targetcli("saveconfig", FILE)
    restored(saver + ", then with SRP")
    logs_in("then with SRP", True)
    admin.forget()


by_the_first()
for version in "debian12-plain", "newest-plain":
    if os.path.isdir(admin.OTHERS + version):
        without_srp(version)
rows.end()
