#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""refresh.py: make the patches, and the overlay, from the trees of out/trees.

Each commit of a tree becomes the patch that its trailer "Patch: NAME" names, or
that its subject does.  In user space, the changes of a project's newest version are
merged into the older one.  Nothing is written unless every patch applies to all the
versions that it is for.
"""
import ast
import difflib
import functools
import glob
import os
import re
import subprocess
import tempfile

from trees import (KCONFIG, PLAIN, SERIES, TOP, VECTORS, Commit, all_trees, die, name_of,
                   overlay_of, read, run, say, script, write)

CONTEXT = (1, 2, 3, 5, 8)               # lines to try around a change


def relative(path):
    return os.path.relpath(path, TOP)


@functools.lru_cache(maxsize=None)
def diff_file(tree, before, after, path, context):
    """The diff of one file, without what differs from one machine to another."""
    text = tree.git("diff", "--no-renames", "--no-color", "--no-ext-diff",
                    "--no-textconv", "-U%d" % context, before, after, "--", path,
                    env=PLAIN)
    return re.sub(r"^index .*\n", "", text, flags=re.M)


def check_tree(tree):
    """Refuse what cannot be exported."""
    where = relative(tree.dir)
    for state in "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "MERGE_HEAD":
        if os.path.exists("%s/.git/%s" % (tree.dir, state)):
            die(where + ": finish or abort the rebase or merge there first")
    if tree.git("status", "--porcelain"):
        die("%s has uncommitted changes: commit them there, or put them into a patch "
            "with git fold NAME" % where)
    if tree.git("rev-list", "--merges", "base..HEAD") or tree.git(
            "merge-base", "HEAD", "base").strip() != tree.head("base"):
        die(where + ": its branch must be a line of commits on top of the tag base")
    stale = tree.stale()
    if stale:
        die("%s was laid from an older checkout and edited; the checkout has changed "
            "in %s.  Save your commits with git format-patch laid there, remove the "
            "directory, and run make trees" % (where, ", ".join(stale)))
    names = [os.path.basename(commit.name) for commit in tree.commits()]
    for name in names:
        if names.count(name) > 1:
            die("%s: two commits for the patch '%s': change the trailer \"Patch:\" of "
                "one" % (where, name))


# The older version of a project of user space

def defined_twice(text):
    """Functions that a later one of the same name in the same place hides."""
    found = set()
    for scope in ast.walk(ast.parse(text or "")):
        if isinstance(scope, (ast.Module, ast.ClassDef)):
            names = [part.name for part in scope.body
                     if isinstance(part, ast.FunctionDef) and not part.decorator_list]
            found.update(name for name in names if names.count(name) > 1)
    return found


def check_python(tree):
    """A merge may insert the same lines more than once."""
    head, base = Commit(tree, tree.head("HEAD")), Commit(tree, tree.head("base"))
    for path in tree.changes(base.id, head.id):
        if path.endswith(".py"):
            twice = defined_twice(head.file(path)) - defined_twice(base.file(path))
            if twice:
                die("%s: %s defines %s twice: remove one there" % (
                    relative(tree.dir), path, ", ".join(sorted(twice))))


def merge(tree, name, path, current, base, other):
    """The change from base to other, made to current; None is no file."""
    if base == other or current == other:
        return current
    if current == base:
        return other
    if None in (current, base, other):
        die("%s: patch '%s' adds or removes %s in one version only: make the change in "
            "both trees" % (tree.name, name, path))
    with tempfile.TemporaryDirectory(prefix="lio-srp.") as directory:
        files = []
        for label, text in ("current", current), ("base", base), ("other", other):
            files.append(directory + "/" + label)
            write(files[-1], text)
        done = subprocess.run(["git", "merge-file", "-p"] + files, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "surrogateescape")
        laid = {commit.name: commit for commit in tree.commits("laid")}
        if name in laid and laid[name].file(path) != current:
            say("%s: %s of '%s' is kept as it is in that tree" % (tree.name, path, name))
            return run("git", "merge-file", "-p", "--ours", *files)
    die("%s: the change to %s in '%s' does not fit this version: make it in %s as well, "
        "in the commit of that patch" % (tree.name, path, name, relative(tree.dir)))
    return None


def derive(tree):
    """Merge into this version what changed in the primary since it was laid."""
    first = tree.primary
    new, old = first.commits(), {c.name: c for c in first.commits("laid")}
    if [c.id for c in new] == [c.id for c in old.values()]:
        return
    names = [commit.name for commit in new]
    # Not one that an attempt before has derived
    if names != list(old) and names == [commit.name for commit in tree.commits()] and \
       "derived" not in tree.git("tag", "--points-at", "HEAD").split():
        say("%s: taken as it is, with the patches of %s" % (tree.name, first.name))
        return
    mine = {commit.name: commit for commit in tree.commits()}
    parent = tree.head("base")
    before = Commit(first, first.head("base"))
    for commit in new:
        if commit.name in mine and commit.name in old:
            start, base = mine[commit.name], old[commit.name]
        else:
            start, base = Commit(tree, parent), before
        index = {"GIT_INDEX_FILE": tree.dir + "/.git/lio-srp-index"}
        tree.git("read-tree", start.id, env=index)
        for path in sorted(first.changes(base.id, commit.id)):
            here = tree.renamed.get(path, path)
            text = merge(tree, commit.name, here, start.file(here), base.file(path),
                         commit.file(path))
            if text is None:
                tree.git("update-index", "--force-remove", here, env=index)
                continue
            blob = tree.git("hash-object", "-w", "--stdin", input=text).strip()
            mode = first.git("ls-tree", "--format=%(objectmode)", commit.id,
                             path).strip() or "100644"
            tree.git("update-index", "--add", "--cacheinfo",
                     "%s,%s,%s" % (mode, blob, here), env=index)
        parent = tree.git(
            "commit-tree", "-p", parent, "-F", "-", tree.git("write-tree", env=index).strip(),
            input="%s\n\nPatch: %s\n" % (commit.message, commit.name)).strip()
        before = commit
    tree.git("reset", "-q", "--hard", parent)
    tree.git("tag", "-f", "derived")
    say("%s: derived from %s" % (tree.name, first.name))


# Patches of user space: {path: text} of all files that there are to be

def patch_text(tree, commit, parent, contexts):
    diffs = [diff_file(tree, parent, commit.id, path,
                       CONTEXT[contexts.get((commit.name, path), 0)])
             for path in sorted(tree.changes(parent, commit.id))]
    if not diffs:
        die("%s: \"%s\" changes nothing" % (tree.name, commit.subject))
    return "Subject: %s\n---\n%s" % (commit.message, "".join(diffs))


def patches_of(tree, contexts):
    """{file name: text}."""
    parent, texts = tree.head("base"), {}
    for number, commit in enumerate(tree.commits(), 1):
        name = "%04d-%s.patch" % (number, commit.name)
        texts[name] = patch_text(tree, commit, parent, contexts)
        parent = commit.id
    return texts


def share(texts):
    """Give versions the first one's text of a patch that is the same; return names."""
    shared = set()
    for name in texts[0]:
        # They may be at other lines
        if len({re.sub(r"^@@ .*", "@@", mine.get(name, ""), flags=re.M)
                for mine in texts}) == 1:
            shared.add(name)
            for mine in texts:
                mine[name] = texts[0][name]
    return shared


def user_patches(trees):
    """The patches of a project.  Versions share those that are the same."""
    contexts = {}                       # (patch, path): index of CONTEXT
    for tree in trees:
        check_python(tree)
    while True:
        texts = [patches_of(tree, contexts) for tree in trees]
        shared = share(texts)
        wrong = {place for tree, mine in zip(trees, texts)
                 for place in misplaced(tree, mine)}
        if not wrong:
            break
        for place in wrong:
            contexts[place] = contexts.get(place, 0) + 1
            if contexts[place] == len(CONTEXT):
                die("%s: '%s' fits more than one place of %s" % (
                    trees[0].name, *place))
    files = {}
    for tree, mine in zip(trees, texts):
        paths = {name: (tree.shared if name in shared else tree.base) + "/" + name
                 for name in mine}
        files.update((paths[name], text) for name, text in mine.items())
        files[tree.base + "/series"] = "".join(
            os.path.relpath(path, tree.base) + "\n" for path in paths.values())
        check_user(tree, mine)
    return files


def apply_user(directory, text):
    """Apply a patch to files as the builds do; return its complaints."""
    done = subprocess.run(
        ["patch", "-d", directory, "-p1", "-s", "-F0", "--no-backup-if-mismatch"],
        input=text, encoding="utf-8", errors="surrogateescape", check=False,
        stdout=subprocess.PIPE)
    return done.stdout if done.returncode else ""


def misplaced(tree, patches):
    """(patch, path) where a patch does not make what its commit did."""
    wrong = set()
    with tempfile.TemporaryDirectory(prefix="lio-srp.") as directory:
        run("sh", "-c", 'git -C "$1" archive "$2" | tar -x -C "$0"', directory,
            tree.dir, "base")
        parent = tree.head("base")
        for commit, text in zip(tree.commits(), patches.values()):
            apply_user(directory, text)
            for path in tree.changes(parent, commit.id):
                wanted, made = commit.file(path), directory + "/" + path
                if wanted is None and os.path.exists(made):
                    os.remove(made)
                elif wanted is None or not write(made, wanted):
                    continue
                wrong.add((commit.name, path))
            parent = commit.id
    return wrong


def check_user(tree, patches):
    """The patches also apply to the other packages that they are for."""
    for other in tree.others():
        with tempfile.TemporaryDirectory(prefix="lio-srp.") as directory:
            run("cp", "-a", other + "/.", directory)
            for name, text in patches.items():
                complaints = apply_user(directory, text)
                if complaints:
                    die("%s does not apply to %s: %s" % (name, other, complaints))
            for path, status in tree.changes("base", "HEAD").items():
                if status == "M" and read(directory + "/" + path) != merge(
                        tree, "HEAD", path, read(other + "/" + path),
                        tree.file("base", path), tree.file("HEAD", path)):
                    die("the patches change other lines of %s in %s than in %s" % (
                        path, other, tree.name))


# The kernel's patches and the overlay

class Version:
    """A kernel that the series is for, as far as the patches are applied."""

    def __init__(self, name, directory):
        self.name, self.directory = name, directory
        self.pristine = script("fetch/pristine.sh", name)
        self.compat("before")

    def compat(self, when):
        path = "%s/compat/linux-%s/%s.patch" % (TOP, self.name, when)
        if os.path.exists(path):
            self.apply(relative(path), read(path))

    def text(self, path):
        """The file as it is now, or None."""
        for directory in self.directory, self.pristine:
            if os.path.exists(directory + "/" + path):
                return read(directory + "/" + path)
        return None

    def apply(self, name, diff):
        for path in re.findall(r"^--- a/(\S+)", diff, flags=re.M):
            text = self.text(path)
            if text is None:
                die("%s: %s has no %s" % (name, self.name, path))
            write(self.directory + "/" + path, text)
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"], cwd=self.directory,
            input=diff, encoding="utf-8", errors="surrogateescape", check=False,
            env=dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(self.directory)))
        if done.returncode:
            die("%s does not apply to %s" % (name, self.name))


def hunks(diff):
    """(header, old lines) of each hunk of one file's diff."""
    for part in re.split(r"^(?=@@ )", diff, flags=re.M)[1:]:
        header, _, body = part.partition("\n")
        yield header, "".join(line[1:] for line in body.splitlines(True)
                              if line[0] in " -")


def places(old, text):
    """How often whole lines occur."""
    return ("\n" + text).count("\n" + old)


def kernel_diff(tree, versions, patch, before, after, path):
    """With so much context that each hunk fits one place in every version."""
    if tree.file(before, path) is None or tree.file(after, path) is None:
        return diff_file(tree, before, after, path, CONTEXT[0])
    for context in CONTEXT:
        diff = diff_file(tree, before, after, path, context)
        problem = None
        for version in versions:
            text = version.text(path) or ""
            for header, old in hunks(diff):
                found = places(old, text)
                if found == 0:
                    die("%s: %s: the hunk \"%s\" does not apply to %s" % (
                        patch, path, header, version.name))
                if found > 1:
                    problem = "%s: %s: the hunk \"%s\" fits %d places in %s" % (
                        patch, path, header, found, version.name)
        if not problem:
            return diff
    die(problem)
    return None


def additions(before, after, what):
    """The lines that are in the second only; no other change is allowed."""
    lines = []
    matcher = difflib.SequenceMatcher(None, before.splitlines(True),
                                      after.splitlines(True), autojunk=False)
    for kind, _, _, first, last in matcher.get_opcodes():
        if kind == "insert":
            lines += after.splitlines(True)[first:last]
        elif kind != "equal":
            die("linux: %s: the entry is added, the rest must stay as it is" % what)
    return "".join(lines).strip("\n") + "\n"


def in_stacks(tree):
    """(commit, name with its stack) of each commit.  One whose trailer names no stack
    belongs to that of the commit before."""
    stack = os.path.basename(min(stacks()))
    for commit in tree.commits():
        name = commit.name if "/" in commit.name else stack + "/" + commit.name
        before, stack = stack, os.path.dirname(name)
        if SERIES + "/" + stack not in stacks():
            die("linux: \"%s\": there is no series/%s with a cover-letter" % (
                commit.subject, stack))
        if stack < before:
            die("linux: \"%s\" is of %s, the commit before it of %s" % (
                commit.subject, stack, before))
        yield commit, name


def stacks():
    return [os.path.dirname(path) for path in glob.glob(SERIES + "/*/cover-letter")]


def kernel_files(tree, directory):
    """The series and the overlay: {path: text}, None for a file to remove."""
    versions = []
    for name in "mainline", "6.12", "6.1":
        os.mkdir(directory + "/" + name)
        versions.append(Version(name, directory + "/" + name))
    old = {name_of(path): overlay_of(read(path)) for path in tree.patches()}
    files, added, numbers = {}, set(), {}
    parent = tree.head("base")
    for commit, name in in_stacks(tree):
        changed = tree.changes(parent, commit.id)
        stack, base = os.path.split(name)
        numbers[stack] = numbers.get(stack, 0) + 1
        patch = "%s/%04d-%s.patch" % (stack, numbers[stack], base)
        overlay, diffs = [], []
        for path, status in sorted(changed.items()):
            if path == "MAINTAINERS":
                if path in added:
                    die("linux: \"%s\" changes the entry in MAINTAINERS, which another "
                        "commit adds: change it there" % commit.subject)
                overlay.append(path)
                added.add(path)
                continue
            if status == "A" and not os.path.exists(tree.pristine() + "/" + path):
                overlay.append(path)
                added.add(path)
                continue
            if status == "D" and path in added:
                die("linux: \"%s\" removes %s, which another commit adds: remove it "
                    "there" % (commit.subject, path))
            diffs.append(kernel_diff(tree, versions, patch, parent, commit.id, path))
        parent = commit.id
        if not changed:
            die("linux: \"%s\" changes nothing" % commit.subject)
        listed = [path for path in old.get(name, []) if path in overlay]
        listed += [path for path in overlay if path not in listed]
        files[SERIES + "/" + patch] = "%s\n\n%s---\n%s" % (
            commit.message, "".join("Overlay: %s\n" % path for path in listed),
            "".join(diffs))
        for version in versions:
            for path in overlay:
                if path != "MAINTAINERS":
                    write(version.directory + "/" + path, commit.file(path))
            if diffs:
                version.apply(patch, "".join(diffs))
    head = tree.head()
    for version in versions:
        version.compat("after")
    for path in sorted(added - {"MAINTAINERS"}):
        if path == VECTORS:
            if tree.file(head, path) != tree.file("laid", path):
                die("linux: %s is made by kunit/vectors/gen.py: change that" % path)
            continue
        text = tree.file(head, path)
        if text is not None:
            files[TOP + "/" + path] = text
    maintainers = TOP + "/MAINTAINERS"
    licence = "".join(line for line in read(maintainers).splitlines(True)
                      if line.startswith("#"))
    files[maintainers] = licence + additions(
        tree.file("base", "MAINTAINERS"), tree.file(head, "MAINTAINERS"), "MAINTAINERS")
    options = TOP + "/Kconfig"
    if read(options) != additions(tree.file("base", KCONFIG), tree.file("laid", KCONFIG),
                                  KCONFIG):
        die("Kconfig is made from the patches: restore it, and change %s in the tree" %
            KCONFIG)
    files[options] = additions(tree.file("base", KCONFIG), tree.file(head, KCONFIG),
                               KCONFIG)
    for path, status in tree.changes("base", head).items():
        if path not in added and status == "M" and \
           versions[0].text(path) != tree.file(head, path):
            die("linux: the patches do not make " + path)
    for path in tree.overlay():
        files.setdefault(TOP + "/" + path, None)
    return files


def main():
    trees = [tree for tree in all_trees() if tree.exists()]
    if not trees:
        die("no trees in out/trees: make trees lays them")
    names = [tree.name for tree in trees]
    for tree in trees:
        if tree.stale() and tree.untouched():
            tree.lay()
        check_tree(tree)
        primary = getattr(tree, "primary", None)
        if primary and primary.name not in names:
            die("%s without %s: run make trees" % (tree.name, primary.name))
    projects = {}
    for tree in trees:
        if hasattr(tree, "shared"):
            projects.setdefault(tree.shared, []).append(tree)
    files = {}
    with tempfile.TemporaryDirectory(prefix="lio-srp.") as directory:
        for tree in trees:
            if tree.name == "linux":
                files.update(kernel_files(tree, directory))
    for versions in projects.values():
        if len(versions) != sum(getattr(tree, "shared", None) == versions[0].shared
                                for tree in all_trees()):
            die("a version of %s is not laid: run make trees" % relative(
                versions[0].shared))
        for tree in versions:
            if getattr(tree, "primary", None):
                derive(tree)
        files.update(user_patches(versions))
    for tree in trees:
        for path in tree.patches():
            files.setdefault(path, None)
    for path, text in files.items():
        if text is None:
            os.remove(path)
            say("removed " + relative(path))
        elif write(path, text):
            say("wrote " + relative(path))
    for tree in trees:
        tree.mark()


if __name__ == "__main__":
    main()
