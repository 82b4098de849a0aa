#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A portal that requires TLS is not restored without, and its settings are kept
# boot: unpatched
# timeout: 240
import json
import os

import admin
import expect
from admin import TPG, targetcli
from initiator import TARGET
from lio import ISCSI

NP = "%s/%s/tpgt_1/np" % (ISCSI, TARGET)
PORTALS = TPG + "/portals"
FILE, AGAIN = "/run/with-tls.json", "/run/again.json"
NO_TLS = "this kernel's iSCSI target has no TLS"
HASH = "ab" * 32
REQUIRED = {"ip_address": "127.0.0.1", "port": 3261, "iser": False, "offload": False,
            "tls": "require", "tls_certificate": HASH}
ALLOWED = dict(REQUIRED, port=3262, tls="allow")
rows = expect.Table()


def set_up(tools):
    """A saved configuration with two portals that have TLS; returns it."""
    admin.create(tools=tools)
    config = json.loads(admin.save(tools=tools).decode())
    group = config["targets"][0]["tpgs"][0]
    group["portals"].append(ALLOWED)
    group["tls_portals"] = [REQUIRED]
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="ascii") as f:
        json.dump(config, f, sort_keys=True, indent=2)
    return config


def portals_of(path):
    with open(path, encoding="ascii") as f:
        group = json.load(f)["targets"][0]["tpgs"][0]
    return sorted(group["portals"], key=lambda portal: portal["port"]), \
        group.get("tls_portals")


def there():
    return sorted(int(name.rpartition(":")[2]) for name in os.listdir(NP))


def walk(tools):
    how = {"tools": tools}
    set_up(tools)
    portal, = os.listdir(NP)
    where = "%s/%s" % (PORTALS, portal)
    for words in ["enable_tls"], ["enable_tls", "allow"], ["disable_tls"]:
        said = admin.refused(where, *words, **how)
        rows.row(" ".join(words), NO_TLS in said, True)
    rows.row("renew_tls", targetcli("/iscsi", "renew_tls", **how).strip(), "")
    rows.row("a certificate", os.path.exists("/etc/iscsi-target-tls"), False)

    admin.clear(**how)
    said = admin.restore(FILE, **how)
    for text in ("Portal 127.0.0.1:3261 requires TLS and is not restored",
                 "Portal 127.0.0.1:3262 has no TLS", NO_TLS):
        rows.row("restore: " + text, text in said, True)
    rows.row("restored", there(), [3260, 3262])
    shown = targetcli("ls", PORTALS, **how)
    for line in ("127.0.0.1:3261 ", "[not restored: requires TLS]", "[TLS not restored]"):
        rows.row("ls: " + line, line in shown, True)

    # Saved again as it was, also if another portal is there by now
    for what in "saved again", "saved with another portal":
        targetcli("saveconfig", AGAIN, **how)
        rows.row(what, portals_of(AGAIN), portals_of(FILE))
        if what == "saved again":
            targetcli(PORTALS, "create", "127.0.0.1", "3261", **how)
    targetcli(PORTALS, "delete", "127.0.0.1", "3261", **how)
    targetcli(PORTALS + "/127.0.0.1:3262", "disable_tls", **how)
    targetcli("saveconfig", AGAIN, **how)
    plain = {name: ALLOWED[name] for name in ALLOWED if not name.startswith("tls")}
    rows.row("saved without", portals_of(AGAIN), ([portals_of(FILE)[0][0], plain], None))

    # It can be deleted without being there
    admin.clear(**how)
    admin.restore(FILE, **how)
    targetcli(PORTALS, "delete", "127.0.0.1", "3261", **how)
    targetcli("saveconfig", AGAIN, **how)
    rows.row("deleted", portals_of(AGAIN), (portals_of(FILE)[0], None))
    # and it is gone with its portal group
    admin.clear(**how)
    admin.restore(FILE, **how)
    targetcli("/iscsi", "delete", TARGET, **how)
    targetcli("/iscsi", "create", TARGET, **how)
    rows.row("created again", "TLS" in targetcli("ls", PORTALS, **how), False)

    # Without these patches it is not restored either
    plain = "debian12-plain" if not tools else tools + "-plain"
    admin.clear(**how)
    admin.restore(FILE, tools=plain)
    rows.row("restored without patches", there(), [3260, 3262])
    admin.forget()


for version in [None] + (["newest"] if os.path.isdir(admin.OTHERS + "newest") else []):
    walk(version)
rows.end()
