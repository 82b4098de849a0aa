# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong password is rejected, and both machines log the reason
# log: failed with status 0[02]
import expect
import pair

WRONG = "not-the-password"

pair.ready()
pair.unmount()
pair.logout()
moments = {name: pair.since(name) for name in ("target", "initiator")}
before = pair.logins()
pair.set_node("node.session.initial_login_retry_max", "1")
pair.set_node("node.session.auth.srp_password", WRONG)
try:
    status, output = pair.node("--login")
    expect.equal(status, 24, "iscsiadm's status: " + output)
    expect.true("authorization failure" in output, output)
    expect.equal(pair.sessions(), "", "sessions")
    expect.equal(pair.logins(), before, "SRP logins that the target counted")
    pair.logged("target", moments["target"],
                r'login of "%s" from 10\.9\.8\.2:\d+ by SRP as "alice" failed with status '
                r"0201: SRP_M is wrong" % pair.INITIATOR, "-k")
    pair.logged("initiator", moments["initiator"],
                r"login rejected: [Ii]nitiator failed auth", "-u", "iscsid")
    both = "".join(pair.log(name, moment) for name, moment in moments.items())
    expect.true(WRONG not in both, "the password in a log: " + both)
finally:
    pair.set_node("node.session.auth.srp_password", pair.PASSWORD)
pair.login()
expect.equal(pair.logins(), before + 1, "SRP logins with the right password")
