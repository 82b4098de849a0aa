# SPDX-License-Identifier: GPL-2.0-or-later
"""make refresh: functions that a merge has inserted twice, patches of two versions."""
import os
import sys
from types import SimpleNamespace

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../scripts/trees"))
# pylint: disable=wrong-import-position
import refresh
import trees
from refresh import defined_twice

CLASS = """
class Node:
    def login(self):
        return 1

    def %s(self):
        return 2
"""


def test_function_defined_twice():
    assert defined_twice(CLASS % "login") == {"login"}
    assert defined_twice(CLASS % "logout") == set()


def test_setter_is_not_a_second_function():
    assert defined_twice("""
class Node:
    @property
    def label(self):
        return ""

    @label.setter
    def label(self, label):
        pass
""") == set()


FUNCTION = "int f%d(void)\n{\n\tint rc = %d;\n\n\treturn rc;\n}\n\n"
LOG = "\n\tlog(rc);\n\treturn rc;"


class Version(trees.Patched):
    """A version with these functions, of which a patch changes one."""

    def __init__(self, where, name, functions, changed):
        super().__init__("project", name)
        self.dir = str(where / name)
        self.more = []
        trees.write(self.dir + "/f.c", "".join(FUNCTION % (n, n) for n in functions))
        self.git("init", "-q", "-b", "main")
        self.commit("base")
        self.git("tag", "base")
        text = trees.read(self.dir + "/f.c").replace(
            "int rc = %d;\n\n\treturn rc;" % changed, "int rc = %d;\n" % changed + LOG)
        trees.write(self.dir + "/f.c", text)
        self.commit("Log the result\n\nPatch: log\n")

    def others(self):
        return self.more


def test_patch_fits_both_versions(tmp_path):
    """The older version has such lines where the newest one has the change."""
    versions = [Version(tmp_path, "2", (1, 2, 3, 4), 4),
                Version(tmp_path, "1", (1, 2, 4, 5), 4)]
    files = refresh.user_patches(versions)
    patches = [path for path in files if path.endswith(".patch")]
    assert patches == [versions[0].shared + "/0001-log.patch"]
    assert "rc = 4" in files[patches[0]]
    for version in versions:
        assert files[version.base + "/series"] == "../0001-log.patch\n"


def test_patch_changes_the_same_lines_of_another_package(tmp_path):
    version = Version(tmp_path, "2", (1, 2, 3), 2)
    version.more = [str(tmp_path / "like-it"), str(tmp_path / "other")]
    trees.write(version.more[0] + "/f.c",
                "/* more */\n" + "".join(FUNCTION % (n, n) for n in (1, 2, 3)))
    trees.write(version.more[1] + "/f.c",
                "".join(FUNCTION % (n, n) for n in (1, 5, 6, 7, 2, 3)))
    with pytest.raises(SystemExit, match="in .*/other"):
        refresh.user_patches([version])


class Patches:
    """A tree with these patches; laid were others."""

    def __init__(self, name, laid, now, primary=None):
        self.name, self.names = name, {"laid": laid, "HEAD": now}
        self.primary, self.tags = primary, ""

    def commits(self, until="HEAD"):
        return [SimpleNamespace(name=name, id=until + name) for name in self.names[until]]

    def git(self, *arguments):
        assert arguments == ("tag", "--points-at", "HEAD")
        return self.tags

    def head(self, revision):
        raise NotImplementedError(revision)     # it merges


def test_order_changed_in_both_versions():
    first = Patches("2", ("a", "b"), ("b", "new", "a"))
    both = Patches("1", ("a", "b"), ("b", "new", "a"), first)
    refresh.derive(both)
    both.tags = "derived\n"
    with pytest.raises(NotImplementedError):
        refresh.derive(both)


def test_order_changed_in_the_newest_version():
    first = Patches("2", ("a", "b"), ("b", "new", "a"))
    with pytest.raises(NotImplementedError):
        refresh.derive(Patches("1", ("a", "b"), ("a", "b"), first))


def test_lines_changed_in_the_newest_version():
    first = Patches("2", ("a", "b"), ("a", "b"))
    with pytest.raises(NotImplementedError):
        refresh.derive(Patches("1", ("a", "b"), ("a", "b"), first))


class Stacks:
    """A tree with a commit for each of these trailers."""

    def __init__(self, *names):
        self.names = names

    def commits(self):
        return [SimpleNamespace(name=name, subject=name) for name in self.names]


def stacks_of(monkeypatch, tmp_path, *names):
    for stack in "1-fixes", "2-srp", "4-tls":
        trees.write(str(tmp_path / stack / "cover-letter"), "Subject\n")
    (tmp_path / "3-notes").mkdir()
    monkeypatch.setattr(refresh, "SERIES", str(tmp_path))
    return [name for _, name in refresh.in_stacks(Stacks(*names))]


def test_commit_belongs_to_the_stack_before_it(monkeypatch, tmp_path):
    names = "first", "2-srp/text", "queue", "4-tls/bind"
    assert stacks_of(monkeypatch, tmp_path, *names) == [
        "1-fixes/first", "2-srp/text", "2-srp/queue", "4-tls/bind"]


def test_stacks_follow_each_other(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match='"1-fixes/late" is of 1-fixes, .* of 2-srp'):
        stacks_of(monkeypatch, tmp_path, "2-srp/text", "1-fixes/late")


def test_stack_has_a_cover_letter(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="no series/3-notes with a cover-letter"):
        stacks_of(monkeypatch, tmp_path, "2-srp/text", "3-notes/more")
