# SPDX-License-Identifier: GPL-2.0-or-later
"""compat/build: which source it takes for a kernel, and what it says if none fits"""
import os
import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).parent.parent
SERIES = ("6.1", "6.12", "7.3")
MODULE = "drivers/target/iscsi/iscsi_target_mod"

# make -C HEADERS M=DIR: a module with two symbols, or an error
MAKE = """#!/bin/sh
dir=${3#M=}
echo "called ${dir##*/}"
echo "error: stderr" >&2
[ ! -e "$dir/broken" ] || exit 2
echo module >"$dir/iscsi_target_mod.ko"
printf '0x0000000%s\\t%s\\tiscsi_target_mod\\tEXPORT_SYMBOL\\n' 1 a 2 b >"$dir/Module.symvers"
"""


CONF = """PACKAGE_NAME="{}"
BUILT_MODULE_NAME[0]="iscsi_target_mod"
PRE_BUILD="build $kernelver $kernel_source_dir"
EXPORTS="{}"
ADDS="{}"
"""


@pytest.fixture(name="source")
def _source(tmp_path):
    (tmp_path / "dkms.conf").write_text(CONF.format("iscsi-target-srp", MODULE, "SRP"))
    for series in SERIES:
        (tmp_path / f"linux-{series}").mkdir()
    shutil.copy(TOP / "compat/build", tmp_path)
    (tmp_path / "bin").mkdir()
    make = tmp_path / "bin/make"
    make.write_text(MAKE)
    make.chmod(0o755)
    symvers(tmp_path, "1 a", "2 b")
    return tmp_path


def symvers(source, *symbols):
    """Write what the kernel's own module exports, and a symbol of another one"""
    lines = [f"0x0000000{symbol}\t{MODULE}\tEXPORT_SYMBOL".replace(" ", "\t")
             for symbol in symbols] + ["0x00000003\tc\tvmlinux\tEXPORT_SYMBOL"]
    (source / "Module.symvers").write_text("\n".join(lines) + "\n")


def build(source, release):
    path = f"{source}/bin:{os.environ['PATH']}"
    return subprocess.run([source / "build", release, source], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, PATH=path))


def stopped(source, done, status):
    """It stopped with that status and one line that is repeated by the next call"""
    assert done.returncode == status
    assert not (source / "iscsi_target_mod.ko").exists()
    line, = done.stderr.splitlines()
    assert line.startswith("iscsi-target-srp: Linux ")
    assert line.endswith("The kernel's own module stays in use, without SRP.")
    again = build(source, "any")
    assert (again.returncode, again.stderr, again.stdout) == \
        (status, done.stderr, done.stdout)
    return line


@pytest.mark.parametrize("release,series", (
    ("6.1.0-57-amd64", "6.1"),
    ("6.1.0-57-rt-amd64", "6.1"),
    ("6.9.7+bpo-amd64", "6.12"),
    ("6.12.118+deb13-cloud-arm64", "6.12"),
    ("6.19.2+deb13-amd64", "7.3"),
    ("7.2.6+deb13-amd64", "7.3"),
    ("7.3-rc2-amd64", "7.3"),
    ("7.3.4+deb13-amd64", "7.3"),
    ("7.10.1+deb14-amd64", "7.3"),
))
def test_series(source, release, series):
    done = build(source, release)
    assert done.returncode == 0, done.stderr
    fits = f"All 2 symbol versions are those of the kernel (source of {series}).\n"
    assert (done.stdout, done.stderr) == (fits, "")
    assert (source / "iscsi_target_mod.ko").exists()
    # DKMS calls it again
    (source / "bin/make").unlink()
    again = build(source, release)
    assert (again.returncode, again.stdout, again.stderr) == \
        (0, f"called linux-{series}\nerror: stderr\n" + fits, "")


def test_too_old(source):
    assert "5.10.0-30-amd64: this package supports 6.1 and later" in \
        stopped(source, build(source, "5.10.0-30-amd64"), 77)


def test_future(source):
    (source / "linux-7.3/broken").touch()
    assert "this package does not support 7.4 yet (the source of 7.3 does not build)" \
        in stopped(source, build(source, "7.4.1-amd64"), 77)


def test_broken(source):
    """An error in what the package supports is not hidden"""
    (source / "linux-7.3/broken").touch()
    assert "does not build, see the messages above" in \
        stopped(source, build(source, "7.3.9-amd64"), 1)


@pytest.mark.parametrize("symbols", (("1 a", "4 b"), ("1 a",), ("1 a", "2 b", "3 d")))
def test_symbols(source, symbols):
    symvers(source, *symbols)
    done = build(source, "6.12.200-amd64")
    assert "symbol versions differ from those of the kernel (source of 6.12)" in \
        stopped(source, done, 77)
    assert "kernel: " in done.stdout or "here: " in done.stdout


def test_no_module(source):
    symvers(source)
    assert "the headers name no symbols" in \
        stopped(source, build(source, "6.12.200-amd64"), 77)


def test_no_exports(source):
    """A module that exports nothing fits where it builds"""
    (source / "dkms.conf").write_text(CONF.format("iscsi-tcp-srp", "", "TLS"))
    symvers(source)
    (source / "linux-7.3/broken").touch()
    done = build(source, "7.4.1-amd64")
    assert done.returncode == 77
    assert done.stderr == (
        "iscsi-tcp-srp: Linux 7.4.1-amd64: this package does not support 7.4 yet (the "
        "source of 7.3 does not build). The kernel's own module stays in use, without "
        "TLS.\n")
    (source / "messages").unlink()
    done = build(source, "6.12.200-amd64")
    assert (done.returncode, done.stdout) == (
        0, "All symbols that it uses are those of the kernel (source of 6.12).\n")
