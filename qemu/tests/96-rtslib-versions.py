#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# No version of rtslib restores a saved file with SRP less strictly
# kernel: last
# timeout: 240
# log: failed with status 0[02]
# log: ^iSCSI SRP: (srp_min_group|srp_verifier_)
import json

import admin
import expect
import lio
import openiscsi
from admin import ACL, TPG, targetcli
from initiator import NAME, TARGET

admin.need_newest()
GROUP = "%s/%s/tpgt_1" % (lio.ISCSI, TARGET)
ACL_DIR = "%s/acls/%s" % (GROUP, NAME)
rows = expect.Table()


def logs_in(conf):
    with openiscsi.OpenIscsi(conf) as initiator:
        return initiator.try_login() == 0


def state():
    """(user, methods, authentication required, enabled)."""
    return (lio.read(ACL_DIR + "/auth/srp_userid"),
            lio.read(GROUP + "/param/AuthMethod"),
            lio.read(GROUP + "/attrib/authentication"),
            lio.read(GROUP + "/enable"))


for saver in None, "newest":
    admin.create(tools=saver)
    admin.password(tools=saver)
    admin.srp_only(tools=saver)
    saved = admin.save(tools=saver)
    for reader in None, "newest", "debian12-plain", "newest-plain":
        what = "%s read by %s" % (saver or "debian12", reader or "debian12")
        plain = bool(reader) and reader.endswith("plain")
        admin.clear()
        rows.row(what, admin.restore(tools=reader), "")
        rows.row(what + ": state", state(),
                 ("NULL" if plain else "alice", "SRP", "1", "1"))
        if not saver or plain:
            rows.row(what + ": no authentication", logs_in({}), False)
            rows.row(what + ": SRP", logs_in(openiscsi.srp()), not plain)
        targetcli("saveconfig", "/run/again.json", tools=reader)
        again = open("/run/again.json", "rb").read()
        if plain:
            rows.row(what + ": saved again", b"srp_userid" in again, False)
            admin.clear()
            rows.row(what + " and back", admin.restore("/run/again.json"), "")
            rows.row(what + " and back: state", state(),
                     ("NULL", "SRP", "1", "1"))
        elif (reader or "") == (saver or ""):
            rows.row(what + ": saved again", again == saved, True)

    # An rtslib without SRP does not restore an SRP-only target as open
    if "srp_only" in targetcli(TPG, "get", "auth"):
        admin.clear()
        admin.restore()
        targetcli(TPG, "set", "auth", "srp_only=1", tools=saver)
        targetcli(TPG, "set", "attribute", "authentication=0", tools=saver)
        admin.save(tools=saver)
        for reader in "debian12-plain", "newest-plain":
            admin.clear()
            admin.restore(tools=reader)
            rows.row("srp_only by " + reader, state(), ("NULL", "SRP", "1", "1"))

    # If a part cannot be restored, the rest is, and the portal group stays disabled
    for where, name, value in (("node_acls", "srp_verifier_SRP-1536", "zz"),
                               ("node_acls", "srp_later", "1"),
                               (None, "srp_min_group", "SRP-9")):
        config = json.loads(saved.decode())
        group = config["targets"][0]["tpgs"][0]
        part = group[where][0] if where else group
        part[name] = value
        with open("/run/changed.json", "w", encoding="ascii") as f:
            json.dump(config, f)
        admin.clear()
        output = admin.restore("/run/changed.json", tools=saver)
        rows.row(name, [name in output, "stays disabled" in output],
                 [True, True])
        rows.row(name + ": state", state()[1:], ("SRP", "1", "0"))
        rows.row(name + ": the disk", "disk" in targetcli("ls", "/backstores"),
                 True)
        rows.row(name + ": the ACL", NAME in targetcli("ls", "/iscsi"), True)
    admin.forget()
rows.end()
