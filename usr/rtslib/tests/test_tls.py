# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS of portals: values, saving and restoring."""
import copy
import errno
import json
import os

import pytest
from portals import ADDRESS, RTSLibError, Root, group, saved, tls, tlscert, tlshd

OLD, NEW, OTHER = "aa" * 32, "bb" * 32, "cc" * 48
__all__ = ["group", "tlshd"]            # fixtures


def fail_with(monkeypatch, number):
    def refuse(path, value):
        raise OSError(number, os.strerror(number))
    monkeypatch.setattr(tls, "fwrite", refuse)


def test_values(group):
    portal = group.portal(hashes=OLD)
    assert (portal.has_tls, portal.tls, portal.tls_certificates) == (True, "no", [OLD])
    portal.enable_tls("require", NEW)
    assert (portal.tls, portal.tls_certificates) == ("require", [NEW, OLD])
    assert (group.np / "127.0.0.1:3260/tls_certificate").read_text() == \
        "%s %s\n" % (NEW, OLD)
    portal.disable_tls()
    assert (portal.tls, portal.tls_certificates) == ("no", [])


def test_newest_certificate_is_first(group):
    portal = group.portal()
    for digest, wanted in ((OLD, [OLD]), (OLD, [OLD]), (NEW, [NEW, OLD]),
                           (OTHER, [OTHER, NEW]), (NEW, [NEW, OTHER]),
                           (NEW, [NEW, OTHER])):
        portal.accept_certificate(digest)
        assert portal.tls_certificates == wanted


@pytest.mark.parametrize("mode", ["", "yes", "Require", "require\nallow"])
def test_other_modes_are_refused(group, mode):
    portal = group.portal(hashes=OLD)
    with pytest.raises(RTSLibError, match="must be no, allow or require"):
        portal.enable_tls(mode, NEW)
    assert (portal.tls, portal.tls_certificates) == ("no", [OLD])


def test_iser_and_offload_have_no_tls(group):
    portal = group.portal()
    for name, what in ("iser", "iSER"), ("cxgbit", "an offload"):
        (group.np / "127.0.0.1:3260" / name).write_text("1\n")
        with pytest.raises(RTSLibError, match=what):
            portal.enable_tls("allow", NEW)
        (group.np / "127.0.0.1:3260" / name).write_text("0\n")
    portal.enable_tls("allow", NEW)


def test_kernel_without_tls(group):
    portal = group.plain()
    assert (portal.has_tls, portal.tls, portal.tls_certificates) == (False, "no", [])
    for change in (lambda: portal.check_tls("no"), lambda: portal.enable_tls("allow", NEW),
                   portal.disable_tls):
        with pytest.raises(RTSLibError, match="this kernel's iSCSI target has no TLS"):
            change()
    assert portal.dump() == saved()


@pytest.mark.parametrize("number, problem", [
    (errno.EOPNOTSUPP, "this kernel has no TLS handshakes"),
    (errno.EINVAL, "refused by the kernel: must be"),
    (errno.EACCES, "Permission denied"),
])
def test_errors_of_the_kernel(group, monkeypatch, number, problem):
    portal = group.portal()
    fail_with(monkeypatch, number)
    with pytest.raises(RTSLibError, match=problem):
        portal.enable_tls("allow", NEW)
    with pytest.raises(RTSLibError, match="^tls of 127.0.0.1:3260: " + problem):
        portal.tls = "allow"


def test_saved_and_restored(group):
    for portal in saved("require", NEW + " " + OLD), saved("allow", OTHER), saved():
        group.portal()
        group.restore(portal)
        assert group.errors == []
        again = group.save()
        assert again["portals"] + again.get("tls_portals", []) == [portal]
        assert ("tls_portals" in again) == (portal.get("tls") == "require")


def test_others_restore_no_portal_that_requires_tls():
    """An rtslib that does not know TLS reads "portals" only."""
    portals = [saved("require", NEW, 1), saved("allow", NEW, 2), saved(port=3)]
    assert tls.split_portals(portals) == {"portals": portals[1:],
                                          "tls_portals": portals[:1]}
    assert tls.split_portals(portals[1:]) == {"portals": portals[1:]}
    # a file that was edited
    assert tls.join_portals({"tls_portals": [saved()]}) == [dict(saved(), tls="require")]


def test_restored_after_the_certificate_was_renewed(group, monkeypatch):
    monkeypatch.setattr(tlscert, "current_hash", lambda: NEW)
    for before, after in (OLD, [NEW, OLD]), ("", [NEW]), (NEW + " " + OLD, [NEW, OLD]):
        portal = group.portal()
        group.restore(saved("require", before))
        assert (portal.tls, portal.tls_certificates) == ("require", after)


def test_not_restored_without_tls(group):
    group.restore(saved("require", NEW, 1), saved("allow", OLD, 2), saved(port=3))
    assert sorted(os.listdir(str(group.np))) == ["127.0.0.1:2", "127.0.0.1:3"]
    assert len(group.errors) == 2
    assert any("Portal 127.0.0.1:1 requires TLS and is not restored: " in error
               for error in group.errors)
    assert any("Portal 127.0.0.1:2 has no TLS: " in error for error in group.errors)
    assert sorted(group.tpg.list_refused_tls()) == [(ADDRESS, 1, "require"),
                                                   (ADDRESS, 2, "allow")]
    assert [group.plain(port).tls_refused for port in (2, 3)] == [True, False]


def test_saving_keeps_what_was_not_restored(group):
    before = saved("require", NEW, 1), saved("allow", OLD, 2), saved(port=3)
    group.restore(*copy.deepcopy(before))
    again = group.save()
    assert sorted(again["portals"] + again["tls_portals"],
                  key=lambda portal: portal["port"]) == list(before)
    assert [portal["port"] for portal in again["tls_portals"]] == [1]

    # also if there is a portal without TLS by now
    group.plain(1)
    assert group.save()["tls_portals"] == [before[0]]
    assert len(group.save()["portals"]) == 2

    # but not after that portal was removed, or TLS disabled
    group.plain(1).delete()
    group.plain(2).disable_tls()
    assert group.save() == {"tag": 1, "portals": [saved(port=2), before[2]]}
    assert group.tpg.list_refused_tls() == []


def test_removing_a_portal_that_is_not_there(group):
    group.restore(saved("require", NEW, 1))
    assert group.tpg.forget_refused_tls(ADDRESS, "1")
    assert not group.tpg.forget_refused_tls(ADDRESS, 1)
    assert group.save() == {"tag": 1, "portals": []}


def test_another_portal_group_of_the_same_name(group):
    group.restore(saved("require", NEW, 1))
    path = group.tpg.path
    os.rename(path, path + ".old")
    os.makedirs(path + "/np")
    assert group.tpg.list_refused_tls() == []
    assert group.save() == {"tag": 1, "portals": []}


def test_restored_later(group):
    group.restore(saved("require", NEW, 1))
    group.portal(1)
    group.restore(saved("require", NEW, 1))
    assert group.errors == []
    assert group.tpg.list_refused_tls() == []


def test_note_that_cannot_be_written(group, monkeypatch):
    monkeypatch.setattr(tls, "REFUSED", "/nowhere/not-restored")
    group.restore(saved("require", NEW, 1))
    assert any("The next save will drop TLS of 127.0.0.1:1" in error
               for error in group.errors)
    assert os.listdir(str(group.np)) == []


def test_damaged_note(group):
    with open(tls.REFUSED, "w", encoding="ascii") as f:
        f.write("{")
    assert group.tpg.list_refused_tls() == []
    group.restore(saved("require", NEW, 1))
    with open(tls.REFUSED, encoding="ascii") as f:
        assert len(json.load(f)) == 1


def test_renewed_for_all_portals_with_tls(group, monkeypatch):
    portals = [group.portal(1, "require", OLD), group.portal(2, "allow", OTHER),
               group.portal(3), group.plain(4)]
    monkeypatch.setattr(tlscert, "renew", lambda announce: announce(NEW))
    monkeypatch.setattr(tlscert, "server_certificate", lambda: "/c")
    monkeypatch.setattr(tlscert, "certificate_hash", lambda path: NEW)
    Root(*portals).renew_tls()
    assert [portal.tls_certificates for portal in portals] == [
        [NEW, OLD], [NEW, OTHER], [], []]


def test_nothing_to_renew_without_tls(group, monkeypatch):
    monkeypatch.setattr(tlscert, "renew", None)
    assert not Root(group.portal(1), group.plain(2)).renew_tls()


def test_certificate_of_another_origin_is_followed(group, monkeypatch):
    portal = group.portal(1, "require", OLD)
    monkeypatch.setattr(tlscert, "renew", lambda announce: False)
    monkeypatch.setattr(tlscert, "server_certificate", lambda: "/c")
    monkeypatch.setattr(tlscert, "certificate_hash", lambda path: NEW)
    assert not Root(portal).renew_tls()
    assert portal.tls_certificates == [NEW, OLD]


def test_enable_makes_a_certificate_for_all_portals(group, tlshd):
    first, second, third = (group.portal(port) for port in (1, 2, 3))
    root = Root(first, second, third)
    certificate, fingerprint, restart = root.enable_tls(first, "require")
    assert (certificate, restart) == (str(tlshd / "own/certificate.pem"), True)
    assert fingerprint == tlscert.fingerprint(certificate)
    old = tlscert.certificate_hash(certificate)
    assert (first.tls, first.tls_certificates) == ("require", [old])
    assert first.tls_problem == ""
    os.remove(certificate)
    assert first.tls_problem == "tlshd has no usable certificate"
    assert root.enable_tls(second, "allow")[::2] == (certificate, False)
    new = tlscert.certificate_hash(certificate)
    assert second.tls_certificates == [new]
    assert first.tls_certificates == [new, old]
    assert (third.tls, third.tls_certificates) == ("no", [])
    first.tls_certificates = [old]
    assert first.tls_problem == "tlshd has another certificate"


@pytest.mark.parametrize("portal, mode, problem", [
    ("plain", "require", "has no TLS"), ("portal", "maybe", "must be no, allow"),
])
def test_nothing_is_made_for_a_portal_without_tls(group, tlshd, portal, mode, problem):
    portal = getattr(group, portal)()
    with pytest.raises(RTSLibError, match=problem):
        Root(portal).enable_tls(portal, mode)
    assert not (tlshd / "own").exists()
    assert (tlshd / "tlshd.conf").read_text() == "[authenticate.server]\n"
