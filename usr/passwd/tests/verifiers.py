# SPDX-License-Identifier: GPL-2.0-or-later
"""What iscsi-srp-passwd prints, checked against Python's own arithmetic"""
import hashlib
import os

from programs import DATA

PASSWD = os.path.join(os.environ["BUILT"], "iscsi-srp-passwd")


def parse(text):
    return dict(line.split("=", 1) for line in text.decode().splitlines())


def check_values(values, user, password, names):
    assert list(values) == ["srp_userid", "srp_salt"] + [
        "srp_verifier_" + name for name in names]
    assert values["srp_userid"] == user
    salt = bytes.fromhex(values["srp_salt"])
    assert len(salt) == 16
    inner = hashlib.sha1(user.encode() + b":" + password).digest()
    x = int.from_bytes(hashlib.sha1(salt + inner).digest(), "big")
    for name in names:
        group = DATA["groups"][name]
        v = pow(int(group["g"], 16), x, int(group["N"], 16))
        want = v.to_bytes(group["bits"] // 8, "big").hex()
        assert values["srp_verifier_" + name] == want
