# SPDX-License-Identifier: GPL-2.0-or-later
"""build_dir in scripts/common.sh: objects of another kernel version are removed"""
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).parent.parent


@pytest.fixture(name="laid")
def _laid(tmp_path):
    """A laid tree of 7.2 with an object that was built from it"""
    (tmp_path / "src").mkdir()
    lay(tmp_path, "linux-source-7.2_7.2.13-1")
    build_dir(tmp_path)
    (tmp_path / "build/swap.o").touch()
    return tmp_path


def lay(path, version):
    (path / "src/.pristine").write_text(version + "\n")


def build_dir(path):
    subprocess.run(["bash", "-euc", '. "$0/common.sh"; build_dir "$@"', TOP / "scripts",
                    path / "build", path / "src"], check=True)


def test_same_version_keeps_objects(laid):
    lay(laid, "linux-source-7.2_7.2.13-1")
    build_dir(laid)
    assert (laid / "build/swap.o").exists()


def test_other_version_removes_objects(laid):
    lay(laid, "linux-source-7.3_7.3.4-1")
    build_dir(laid)
    assert not (laid / "build/swap.o").exists()


def test_directory_of_before(laid):
    """Unknown version: built before there was a record"""
    (laid / "build/.pristine").unlink()
    build_dir(laid)
    assert not (laid / "build/swap.o").exists()
