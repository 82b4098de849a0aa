#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# targetcli encrypts a portal with nothing to prepare; the certificate can change
# versions: both
# timeout: 240
# log: failed with status 0(000|20[12])
# log: TLS refused: the portal's tls is
# log: srp_tls_bind: write 0 or 1
import hmac
import os

import admin
import expect
import lio
import tls
from admin import ACL, TPG, targetcli
from initiator import TARGET, outcome
from iscsi import to_hex

NP = "%s/%s/tpgt_1/np/127.0.0.1:3260" % (lio.ISCSI, TARGET)
PORTALS = TPG + "/portals"
PORTAL = PORTALS + "/127.0.0.1:3260"
CONF, OWN = "/etc/tlshd.conf", "/etc/iscsi-target-tls"
# As ktls-utils installs it, without comments
DEBIAN = "[debug]\nloglevel=0\n\n[authenticate.server]\n#x509.certificate= <pathname>\n"
rows = expect.Table()


class Tlshd(tls.Tlshd):
    """tlshd with the configuration of the system."""

    def __init__(self):
        super().__init__()
        self.conf = CONF


def hash_of_certificate():
    with open(OWN + "/certificate.pem", encoding="ascii") as f:
        certificate = tls.Certificate.__new__(tls.Certificate)
        certificate.der = tls.ssl.PEM_cert_to_DER_cert(f.read())
    certificate.digest = "sha256"
    return certificate.hash().hex()


def shown(where):
    """What ls shows of a node."""
    name = where.rpartition("/")[2]
    for line in targetcli("ls", where, "1").splitlines():
        if "o- " + name in line:
            return line[line.index("[") + 1:line.rindex("]")]
    raise AssertionError("no %s in ls" % name)


def status(wrap=None):
    return outcome(lambda i: i.login(), wrap=wrap)


def bound(certificate):
    """The status of a login that is bound to the hash of this certificate."""
    def login(i):
        i.choose("SRP", "SRP")
        i.user("Yes")
        i.ephemeral()
        value = hmac.new(i.client.K, b"I" + certificate, "sha256").digest()
        i.prove(extra=[("X-org.linux-iscsi.tls-bind", to_hex(value))])
        i.operational()
    return outcome(login, wrap=tls.wrap)


def state():
    return lio.read(NP + "/tls"), lio.read(NP + "/tls_certificate").split()


def logins(what, with_tls, plain):
    rows.row("login with TLS, " + what, status(tls.wrap), with_tls)
    rows.row("login without, " + what, status(), plain)


def forget_tls():
    for path in CONF, OWN + "/certificate.pem", OWN + "/key.pem", OWN + "/lock":
        if os.path.exists(path):
            os.remove(path)


def walk():
    forget_tls()
    targetcli("set", "global", "auto_add_default_portal=false")
    admin.create()
    targetcli(PORTALS, "create", "127.0.0.1")
    admin.password()
    admin.srp_only()

    said = admin.refused(PORTAL, "enable_tls")
    rows.row("without tlshd", "install ktls-utils" in said, True)
    rows.row("without tlshd: state", state(), ("no", []))
    with open(CONF, "w", encoding="ascii") as f:
        f.write(DEBIAN)

    said = targetcli(PORTAL, "enable_tls")
    first = hash_of_certificate()
    rows.row("enable_tls", state(), ("require", [first]))
    rows.row("its output", ["TLS is required at 127.0.0.1:3260" in said, first in said,
                            "Restart tlshd" in said], [True, True, True])
    rows.row("ls", shown(PORTAL), "TLS required")
    rows.row("key", os.stat(OWN + "/key.pem").st_mode & 0o7777, 0o600)
    rows.row("srp_status", "tls 127.0.0.1:3260" in targetcli(TPG, "srp_status"),
             True)
    with Tlshd() as daemon:
        logins("require", "0000", "0202")
        rows.row("bound", bound(bytes.fromhex(first)), "0000")
        rows.row("bound to another", bound(bytes(32)), "0201")

        saved = admin.save()
        admin.clear()
        rows.row("restore", admin.restore(), "")
        rows.row("restored", state(), ("require", [first]))
        rows.row("saved again", admin.save("/run/again.json") == saved, True)
        logins("restored", "0000", "0202")

        # Another certificate, which tlshd presents at once
        os.remove(OWN + "/certificate.pem")
        rows.row("ls without a certificate", shown(PORTAL),
                 "TLS required, tlshd has no usable certificate")
        said = targetcli(PORTAL, "enable_tls")
        second = hash_of_certificate()
        rows.row("renewed", state(), ("require", [second, first]))
        rows.row("not restarted", "Restart tlshd" in said, False)
        logins("renewed", "0000", "0202")
        rows.row("bound to the new one", bound(bytes.fromhex(second)), "0000")
        rows.row("bound to the old one", bound(bytes.fromhex(first)), "0000")
        # A configuration that was saved before
        admin.clear()
        admin.restore()
        rows.row("restored and renewed", state(), ("require", [second, first]))

        targetcli(PORTAL, "enable_tls", "allow")
        rows.row("allow", state(), ("allow", [second, first]))
        rows.row("ls allow", shown(PORTAL), "TLS allowed")
        logins("allow", "0000", "0000")
        targetcli(PORTAL, "disable_tls")
        rows.row("disable_tls", state(), ("no", []))
        rows.row("ls disabled", shown(PORTAL), "OK")
        logins("disabled", "closed", "0000")
        daemon.stop()

    # A certificate of another origin
    other = tls.Certificate("other", "sha384")
    with open(CONF, "w", encoding="ascii") as f:
        f.write("[authenticate.server]\nx509.certificate=%s\nx509.private_key=%s\n" % (
            other.path, other.key))
    targetcli(PORTAL, "enable_tls")
    rows.row("another origin", state(), ("require", [other.hash().hex()]))
    other = tls.Certificate("other", "sha512")
    rows.row("ls replaced", shown(PORTAL),
             "TLS required, tlshd has another certificate")
    targetcli("/iscsi", "renew_tls")
    rows.row("replaced", state()[1][0], other.hash().hex())
    rows.row("ls followed", shown(PORTAL), "TLS required")
    with open(CONF, encoding="ascii") as f:
        rows.row("its configuration", OWN in f.read(), False)
    policy(other)

    # Without these patches, the portal is not restored, rather than open
    admin.save()
    admin.clear()
    admin.restore(tools=admin.unpatched())
    rows.row("without patches", os.path.exists(NP), False)
    admin.forget()


def policy(other):
    """srp_tls_bind, wherever srp_mutual_required is."""
    for where, group in (ACL, "auth"), (TPG, "auth"), ("/iscsi", "discovery_auth"):
        targetcli(where, "set", group, "srp_tls_bind=1")
        rows.row("srp_tls_bind in " + where,
                 "srp_tls_bind=1" in targetcli(where, "get", group), True)
        said = admin.refused(where, "set", group, "srp_tls_bind=2")
        rows.row("its values in " + where, "must be 0 or 1" in said, True)
    acl = shown(ACL)
    rows.row("ls bound", "bound to TLS" in acl, True)
    saved = admin.save()
    admin.clear()
    admin.restore()
    rows.row("srp_tls_bind saved again", admin.save("/run/again.json") == saved,
             True)
    targetcli(PORTAL, "disable_tls")
    rows.row("ls without TLS", "srp_tls_bind=1, but no portal has TLS" in
             shown(ACL), True)
    rows.row("login without TLS", status(), "0202")
    targetcli(PORTAL, "enable_tls")
    with Tlshd():
        rows.row("login that is not bound", status(tls.wrap), "0202")
        rows.row("login that is", bound(other.hash()), "0000")
    for where, group in (ACL, "auth"), (TPG, "auth"), ("/iscsi", "discovery_auth"):
        targetcli(where, "set", group, "srp_tls_bind=0")
    rows.row("ls not bound", "bound to TLS" in shown(ACL), False)


walk()
forget_tls()
rows.end()
