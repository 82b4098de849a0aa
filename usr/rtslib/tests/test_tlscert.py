# SPDX-License-Identifier: GPL-2.0-or-later
"""The certificate of tlshd: which one it is, its hash, and how it is made."""
import base64
import configparser
import hashlib
import os
import stat
import subprocess

import pytest
from rtslib import tlscert
from rtslib.utils import RTSLibError

# As ktls-utils of Debian 13 installs it
DEBIAN = """\
# See tlshd.conf(5) for details.

[debug]
loglevel=0
tls=0
nl=0

[authenticate]
#keyrings= <keyring>;<keyring>;<keyring>

[authenticate.client]
#x509.truststore= <pathname>
#x509.certificate= <pathname>
#x509.private_key= <pathname>

[authenticate.server]
#x509.truststore= <pathname>
#x509.certificate= <pathname>
#x509.private_key= <pathname>
"""


def openssl(*words, **how):
    return subprocess.run(["openssl", *map(str, words)], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          **how).stdout


def make(directory, name, *words, algorithm=("EC", "ec_paramgen_curve:P-256")):
    """A certificate and its key of another origin; returns the certificate."""
    key, path = directory / (name + ".key"), directory / (name + ".pem")
    options = ["-pkeyopt", algorithm[1]] if algorithm[1:] else []
    openssl("genpkey", "-algorithm", algorithm[0], *options, "-out", key)
    openssl("req", "-new", "-x509", "-key", key, "-subj", "/CN=" + name, "-out", path,
            *words)
    return path


def der(path):
    return openssl("x509", "-in", path, "-outform", "DER")


class Tlshd:
    """A configuration of tlshd and our directory."""

    def __init__(self, directory):
        self.path = directory / "tlshd.conf"
        self.own = directory / "own"
        self.announced = []
        self.when = []                  # the certificate's hash at these times

    def configure(self, text):
        self.path.write_text(text)

    def name(self, certificate, key):
        self.configure("[authenticate.server]\nx509.certificate = %s\n"
                       "x509.private_key=%s\n" % (certificate, key))

    def announce(self, digest):
        self.announced.append(digest)
        self.when.append(tlscert.current_hash())

    def prepare(self):
        return tlscert.prepare(self.announce)

    def settings(self):
        parser = configparser.RawConfigParser(delimiters="=", strict=False)
        parser.read(str(self.path))
        return dict(parser["authenticate.server"])

    @property
    def certificate(self):
        return self.own / "certificate.pem"

    @property
    def key(self):
        return self.own / "key.pem"


@pytest.fixture
def tlshd(tmp_path, monkeypatch):
    tlshd = Tlshd(tmp_path)
    monkeypatch.setattr(tlscert, "CONFIGS", (str(tlshd.path), str(tmp_path / "other")))
    monkeypatch.setattr(tlscert, "DIRECTORY", str(tlshd.own))
    tlshd.configure(DEBIAN)
    return tlshd


RSA = "RSA", "rsa_keygen_bits:2048"
PSS = "-sigopt", "rsa_padding_mode:pss"


@pytest.mark.parametrize("name, words, algorithm, digest", [
    ("ecdsa-sha256", ["-sha256"], None, "sha256"),
    ("ecdsa-sha384", ["-sha384"], None, "sha384"),
    ("ecdsa-sha512", ["-sha512"], None, "sha512"),
    ("ecdsa-sha1", ["-sha1"], None, "sha256"),
    ("rsa-md5", ["-md5"], RSA, "sha256"),
    ("rsa-sha1", ["-sha1"], RSA, "sha256"),
    ("rsa-sha256", ["-sha256"], RSA, "sha256"),
    ("rsa-sha384", ["-sha384"], RSA, "sha384"),
    ("rsa-sha512", ["-sha512"], RSA, "sha512"),
    ("pss-sha1", ["-sha1", *PSS], RSA, "sha256"),
    ("pss-sha256", ["-sha256", *PSS], RSA, "sha256"),
    ("pss-sha384", ["-sha384", *PSS], RSA, "sha384"),
    ("pss-sha512", ["-sha512", *PSS], RSA, "sha512"),
])
def test_hash_is_that_of_the_signature(tmp_path, name, words, algorithm, digest):
    how = {"algorithm": algorithm} if algorithm else {}
    path = make(tmp_path, name, *words, **how)
    assert tlscert.certificate_hash(str(path)) == \
        hashlib.new(digest, der(path)).hexdigest()
    assert tlscert.fingerprint(str(path)) == hashlib.sha256(der(path)).hexdigest()


@pytest.mark.parametrize("name, words, algorithm", [
    ("sha224", ["-sha224"], RSA), ("ed25519", [], ("ED25519",)),
])
def test_other_signatures_are_refused(tmp_path, name, words, algorithm):
    path = make(tmp_path, name, *words, algorithm=algorithm)
    with pytest.raises(RTSLibError, match="use RSA or ECDSA with SHA-256"):
        tlscert.certificate_hash(str(path))


def test_first_of_a_chain_is_the_targets(tmp_path):
    first, second = make(tmp_path, "first"), make(tmp_path, "second")
    chain = tmp_path / "chain.pem"
    chain.write_text("comment\n" + first.read_text() + second.read_text())
    assert tlscert.certificate_hash(str(chain)) == tlscert.certificate_hash(str(first))


@pytest.mark.parametrize("text, problem", [
    ("", "no certificate in PEM format"),
    ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "certificate"),
    ("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
     "not a certificate"),
    ("-----BEGIN CERTIFICATE-----\nMIIBAA==\n-----END CERTIFICATE-----\n",
     "not a certificate"),
])
def test_what_is_no_certificate(tmp_path, text, problem):
    path = tmp_path / "certificate.pem"
    path.write_text(text)
    with pytest.raises(RTSLibError, match=problem):
        tlscert.certificate_hash(str(path))


def test_cut_certificate_is_refused(tmp_path):
    whole = der(make(tmp_path, "whole"))
    path = tmp_path / "cut.pem"
    for length in range(len(whole)):
        path.write_text("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                        % base64.b64encode(whole[:length]).decode())
        with pytest.raises(RTSLibError):
            tlscert.certificate_hash(str(path))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(RTSLibError, match="missing.pem: No such file"):
        tlscert.certificate_hash(str(tmp_path / "missing.pem"))


def test_certificate_is_made_and_named(tlshd):
    assert tlscert.current_hash() == ""
    assert tlshd.prepare() == (str(tlshd.certificate), True)
    assert tlshd.settings() == {"x509.certificate": str(tlshd.certificate),
                                "x509.private_key": str(tlshd.key)}
    text = openssl("x509", "-in", tlshd.certificate, "-noout", "-text").decode()
    for wanted in ("prime256v1", "ecdsa-with-SHA256", "Digital Signature",
                   "TLS Web Server Authentication"):
        assert wanted in text
    assert openssl("x509", "-in", tlshd.certificate, "-noout", "-pubkey") == \
        openssl("pkey", "-in", tlshd.key, "-pubout")
    assert tlscert.current_hash() == tlscert.fingerprint(str(tlshd.certificate))
    assert tlshd.announced == [tlscert.current_hash()]
    assert not tlscert.ends_within(str(tlshd.certificate), 3649)
    assert tlscert.ends_within(str(tlshd.certificate), 3651)


def test_only_root_can_read_the_key(tlshd):
    before = os.umask(0)
    try:
        tlshd.prepare()
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE(os.stat(str(tlshd.own / name)).st_mode)
             for name in os.listdir(str(tlshd.own))}
    # as tlshd expects them, which complains otherwise
    assert modes == {"key.pem": 0o600, "certificate.pem": 0o644, "lock": 0o600}


def test_others_can_read_the_certificate(tlshd):
    before = os.umask(0o077)
    try:
        tlshd.prepare()
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(str(tlshd.certificate)).st_mode) == 0o644


def test_nothing_else_in_the_configuration_changes(tlshd):
    os.chmod(str(tlshd.path), 0o640)
    tlshd.prepare()
    lines = tlshd.path.read_text().splitlines(True)
    added = [line for line in lines if str(tlshd.own) in line or "iSCSI" in line]
    assert len(added) == 3
    assert "".join(line for line in lines if line not in added) == DEBIAN
    assert stat.S_IMODE(os.stat(str(tlshd.path)).st_mode) == 0o640


@pytest.mark.parametrize("text", ["", "[debug]\ntls=0", "[authenticate.server]",
                                  "[other]\nx509.certificate=/x\n",
                                  "# caf\xe9\n[authenticate.server]\nx509.truststore=/t\n"
                                  "[authenticate.client]\nx509.certificate=/x\n"])
def test_section_may_be_missing(tlshd, text):
    tlshd.path.write_bytes(text.encode("latin-1"))
    tlshd.prepare()
    after = tlshd.path.read_bytes().decode("latin-1")
    assert tlscert.server_files() == (str(tlshd.certificate), str(tlshd.key))
    assert all(line in after.splitlines() for line in text.splitlines())
    if "[authenticate.client]" in text:
        assert after.index(str(tlshd.certificate)) < after.index("[authenticate.client]")


def test_again_changes_nothing(tlshd):
    tlshd.prepare()
    before = [path.read_text() for path in (tlshd.path, tlshd.certificate, tlshd.key)]
    assert tlshd.prepare() == (str(tlshd.certificate), False)
    assert [path.read_text()
            for path in (tlshd.path, tlshd.certificate, tlshd.key)] == before
    assert len(tlshd.announced) == 1


def test_existing_certificate_is_used_as_it_is(tlshd, tmp_path):
    other = make(tmp_path, "other")
    tlshd.name(other, tmp_path / "other.key")
    before = tlshd.path.read_text()
    assert tlshd.prepare() == (str(other), False)
    assert not tlscert.renew(tlshd.announce)
    assert tlscert.current_hash() == tlscert.certificate_hash(str(other))
    assert tlshd.path.read_text() == before
    assert not tlshd.own.exists()
    assert tlshd.announced == []


def test_last_setting_counts(tlshd, tmp_path):
    # as in GLib
    other = make(tmp_path, "other")
    tlshd.configure("[authenticate.server]\nx509.certificate=/nowhere\n"
                    "x509.private_key=/nowhere\n[debug]\n[authenticate.server]\n"
                    "x509.certificate=%s\nx509.private_key=/k\n" % other)
    assert tlscert.server_files() == (str(other), "/k")


@pytest.mark.parametrize("text, problem", [
    ("[authenticate.server]\nx509.certificate=/c\n",
     "has x509.certificate, but no x509.private_key"),
    ("[authenticate.server]\nx509.private_key=/k\n",
     "has x509.private_key, but no x509.certificate"),
    ("[authenticate.server]\nx509.pq.certificate=/c\n", "x509.pq.certificate"),
    ("[authenticate.server]\nnonsense\n", "cannot read line 2"),
    ("tls=0\n", "cannot read line 1"),
    ("[authenticate.server]\nx509.certificate=/c\nx509.private_key=/k\n",
     "/c: No such file"),
])
def test_configuration_that_is_refused(tlshd, text, problem):
    tlshd.configure(text)
    with pytest.raises(RTSLibError, match=problem):
        tlshd.prepare()
    assert tlshd.path.read_text() == text
    assert not tlshd.own.exists()
    assert tlscert.current_hash() == ""


def test_without_tlshd(tlshd):
    tlshd.path.unlink()
    with pytest.raises(RTSLibError, match="install ktls-utils"):
        tlshd.prepare()
    assert not tlshd.own.exists()


def test_later_versions_have_another_configuration(tlshd, tmp_path):
    tlshd.path.rename(tmp_path / "other")
    tlshd.prepare()
    assert str(tlshd.certificate) in (tmp_path / "other").read_text()
    assert not tlshd.path.exists()


def test_renewal(tlshd, monkeypatch):
    tlshd.prepare()
    old, key = tlscert.current_hash(), tlshd.key.read_text()
    assert not tlscert.renew(tlshd.announce)
    monkeypatch.setattr(tlscert, "RENEW_DAYS", tlscert.DAYS + 1)
    assert tlscert.renew(tlshd.announce)
    new = tlscert.current_hash()
    assert new != old
    assert tlshd.announced == [old, new]
    # the kernel knows the new one before tlshd presents it
    assert tlshd.when == ["", old]
    assert tlshd.key.read_text() == key
    assert openssl("x509", "-in", tlshd.certificate, "-noout", "-pubkey") == \
        openssl("pkey", "-in", tlshd.key, "-pubout")
    # and so does enable_tls
    tlshd.prepare()
    assert tlshd.announced[2:] == [tlscert.current_hash()] != [new]


def test_kernel_that_refuses_keeps_the_certificate(tlshd, monkeypatch):
    tlshd.prepare()
    old = tlscert.current_hash()
    monkeypatch.setattr(tlscert, "RENEW_DAYS", tlscert.DAYS + 1)

    def refuse(digest):
        raise RTSLibError("refused")

    with pytest.raises(RTSLibError, match="refused"):
        tlscert.renew(refuse)
    assert tlscert.current_hash() == old


def test_removed_files_are_made_again(tlshd):
    tlshd.prepare()
    old, key = tlscert.current_hash(), tlshd.key.read_text()
    tlshd.certificate.unlink()
    assert tlshd.prepare() == (str(tlshd.certificate), False)
    assert tlshd.key.read_text() == key
    assert tlscert.current_hash() not in ("", old)
    tlshd.certificate.unlink()
    tlshd.key.unlink()
    tlshd.prepare()
    assert tlshd.key.read_text() != key


def test_without_openssl(tlshd, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RTSLibError, match="Cannot run openssl"):
        tlshd.prepare()
    assert tlshd.path.read_text() == DEBIAN


def test_name_of_the_host(tlshd, monkeypatch):
    monkeypatch.setattr(tlscert.socket, "gethostname", lambda: "a.example\n[x]")
    tlshd.prepare()
    assert b"CN = iscsi-target" in openssl("x509", "-in", tlshd.certificate, "-noout",
                                           "-subject")


def test_key_is_not_shown(tlshd, tmp_path):
    # neither in arguments nor in a file that others can read
    tool = tmp_path / "bin"
    tool.mkdir()
    script = tool / "openssl"
    script.write_text("#!/bin/sh\necho \"$@\" >>%s/log\nexec /usr/bin/openssl \"$@\"\n"
                      % tmp_path)
    script.chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = "%s:%s" % (tool, path)
    try:
        tlshd.prepare()
    finally:
        os.environ["PATH"] = path
    secret = tlshd.key.read_text().splitlines()[1]
    assert secret not in (tmp_path / "log").read_text()
    assert secret not in tlshd.certificate.read_text()
