#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Upper case, an odd number of digits, base64 and leading zeros are accepted
import expect
import iscsi
import srp
from initiator import outcome
from lio import Target

target = Target()
target.acl().auth.srp(groups=("SRP-1536", "MODP-8192"))


def odd(value):
    """Change the number of digits by one: add or remove a leading zero."""
    digits = value.hex()
    return "0x" + (digits[1:] if digits[0] == "0" else "0" + digits)


FORMS = {
    "lower": iscsi.to_hex,
    "upper": lambda value: "0x" + value.hex().upper(),
    "prefix in upper case": lambda value: "0X" + value.hex(),
    "mixed": lambda value: "0x" + value.hex().swapcase().title(),
    "base64": iscsi.to_base64,
    "base64, prefix in upper case":
        lambda value: "0B" + iscsi.to_base64(value)[2:],
}
A_FORMS = dict(FORMS, **{
    "odd digits": odd,
    "padded": lambda value: iscsi.to_hex(value.rjust(1024, b"\0")),
    "padded, base64": lambda value: iscsi.to_base64(value.rjust(1024, b"\0")),
})


def login(group, form_A, form_M):
    def script(i):
        i.start("SRP")
        i.user()
        i.client = srp.Client(group, i.user_name, i.password)
        keys = i.ask([
            ("SRP_A", form_A(srp.octets(i.client.A))),
            ("SRP_GROUP", group)]).keys
        M = i.client.proof(i.salt,
                           srp.number(iscsi.from_binary(keys.get("SRP_B"))))
        keys = i.ask([("SRP_M", form_M(M))], transit=True).keys
        expect.equal(iscsi.from_binary(keys.get("SRP_HM")), i.client.HM,
                     "SRP_HM")
        i.operational()
        i.logout()
    return outcome(script)


table = expect.Table()
for name, form in A_FORMS.items():
    table.row("SRP_A " + name, login("SRP-1536", form, FORMS["lower"]), "0000")
for name, form in FORMS.items():
    table.row("SRP_M " + name, login("SRP-1536", FORMS["lower"], form), "0000")
for name in "lower", "base64":
    table.row("MODP-8192, " + name,
              login("MODP-8192", FORMS[name], FORMS[name]), "0000")
table.end()
