#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# srp_only allows only SRP, even where LIO would not require authentication
# log: failed with status 0[02]
# log: ^iSCSI SRP: (AuthMethod|srp_only)
import expect
import methods
from background import srp_login
from initiator import Initiator, outcome
from lio import Discovery, Target

target = Target(authentication=0, methods="SRP,CHAP,None")
acl = target.acl()
discovery = Discovery(False)
for auth in acl.auth, target.auth, discovery:
    auth.srp()
    auth.chap()
member, other = {}, {"name": "iqn.2024-01.org.example:other"}
target.acl(other["name"]).auth.chap()
table = expect.Table()


def only_srp(what, how):
    """Check that every way to start a login ends with SRP or a rejection."""
    for offer in methods.lists():
        table.row("%s, initiator %s" % (what, offer),
                  methods.negotiate(how, offer),
                  "SRP" if "SRP" in offer.split(",") else "0201")
    methods.no_way_in(table, how)
    table.row(what + ", wrong password",
              outcome(srp_login, **dict(how, password="wrong")), "0201")


def anyhow(what, how):
    """An initiator without authentication can log in."""
    table.row(what, methods.negotiate(how, "None"),
              ("None", "T=1 before None"))


# On an ACL, regardless of the portal group's methods and requirements
acl.auth.policy(only=True)
for value in "SRP,CHAP,None", "None", "CHAP,None", "SRP":
    target.param("AuthMethod", value)
    only_srp("ACL, authentication=0, AuthMethod=" + value, member)
acl.attrib("authentication", 0)
only_srp("ACL, its own authentication=0", member)
target.param("AuthMethod", "SRP,CHAP,None")
anyhow("an ACL beside it", other)
anyhow("discovery beside it", {"discovery": True})
acl.auth.no_policy()
anyhow("ACL without it", member)

# On a portal group, for its ACLs and in demo mode
target.auth.policy(only=True)
only_srp("portal group, an ACL", member)
table.row("portal group, an ACL with CHAP only",
          outcome(lambda i: i.login("chap"), **other), "0201")
target.demo()
only_srp("portal group, demo mode",
         {"name": "iqn.2024-01.org.example:stranger"})
anyhow("discovery beside the portal group", {"discovery": True})

# Additional connections of a session must use SRP too
target.param("MaxConnections", "4")
with Initiator() as first:
    first.login()
    session = {"isid": first.isid, "tsih": first.tsih, "cid": 1}
    for offer in "CHAP", "None", "None,CHAP":
        table.row("further connection, " + offer,
                  methods.negotiate(session, offer), "0201")
    table.row("further connection, straight on",
              outcome(lambda i: i.operational(), **session), "0201")
    with Initiator(**session) as further:
        further.login()
        table.row("further connection", further.ping(), True)
    first.logout()

# On discovery
discovery.policy(only=True)
only_srp("discovery", {"discovery": True})
discovery.enforce(True)
only_srp("discovery that is enforced", {"discovery": True})
discovery.enforce(False)
# without credentials nobody can log in
discovery.no_srp()
discovery.policy(only=True)
for offer in methods.lists():
    table.row("discovery without credentials, " + offer,
              methods.negotiate({"discovery": True}, offer), "0201")
discovery.no_policy()
anyhow("discovery without it", {"discovery": True})


def refused(action):
    try:
        action()
    except OSError as error:
        return error.errno
    return 0


for value in "CHAP", "None", "CHAP,None":
    table.row("srp_only, then AuthMethod=" + value,
              refused(lambda v=value: target.param("AuthMethod", v)), 22)
table.row("srp_only, then AuthMethod=CHAP,SRP",
          refused(lambda: target.param("AuthMethod", "CHAP,SRP")), 0)
only_srp("portal group, AuthMethod=CHAP,SRP", member)
target.auth.policy(only=False)
target.param("AuthMethod", "CHAP,None")
table.row("AuthMethod without SRP, then srp_only",
          refused(lambda: target.auth.policy(only=True)), 22)
table.row("and after that", target.auth.get("srp_only"), "0")
table.row("AuthMethod without SRP, an ACL's srp_only",
          refused(lambda: acl.auth.policy(only=True)), 0)
table.end()
