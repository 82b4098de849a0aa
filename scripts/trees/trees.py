# SPDX-License-Identifier: GPL-2.0-or-later
"""The trees below out/trees: git repositories of the code that we patch.

Each has a commit of the pristine files (tag "base") and one for each patch, with
the name of the patch in a trailer "Patch: NAME", with its stack in the linux tree.
The tag "laid" is the state that the checkout has.  The linux tree has the overlay,
too; a commit adds the files that its patch names in "Overlay:" lines.
"""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
OUT = TOP + "/out/trees"
SERIES = TOP + "/series"
KCONFIG = "drivers/target/iscsi/Kconfig"
VECTORS = "drivers/target/iscsi/srp/tests/vectors.h"
# Part of the linux tree beside what the series changes
LINUX = ("drivers/target", "include/target", "MAINTAINERS")
# The author and date of laid commits are fixed, so that their ids are
LAID = {"GIT_AUTHOR_NAME": "lio-srp", "GIT_AUTHOR_EMAIL": "lio-srp@localhost",
        "GIT_COMMITTER_NAME": "lio-srp", "GIT_COMMITTER_EMAIL": "lio-srp@localhost",
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
# "git fold NAME": put all changes into the commit of that patch, or of the last one whose
# name begins so
FOLD = """!f() {
	commit=
	for name in "$1\\$" "$1"; do
		[ -n "$commit" ] ||
			commit=$(git log --format=%H -1 -E --grep="^Patch: (.*/)?$name" base..HEAD)
	done
	[ -n "$commit" ] || { echo "git fold: no patch '$1'" >&2; return 1; }
	git commit -qa --fixup="$commit" &&
	git -c sequence.editor=: rebase -q -i --autosquash base
}; f"""
PLAIN = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


def die(message):
    sys.exit("%s: %s" % (os.path.basename(sys.argv[0]), message))


def say(message):
    print("  " + message, file=sys.stderr, flush=True)


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def write(path, text):
    """Whether this changed the file."""
    if os.path.exists(path) and read(path) == text:
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(text)
    return True


def run(*command, **how):
    """Output of a command that must succeed."""
    how.setdefault("encoding", "utf-8")
    how.setdefault("errors", "surrogateescape")
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, **how)
    if done.returncode:
        die("failed: " + " ".join(command))
    return done.stdout


def script(name, *arguments):
    """The last line that a script of ours prints."""
    return run(TOP + "/scripts/" + name, *arguments).splitlines()[-1]


def shell(code, *arguments):
    """Run code that uses the functions of scripts/kernel/series.sh."""
    return run("bash", "-euc", '. "$0/../common.sh"; . "$0/series.sh"; ' + code,
               TOP + "/scripts/kernel", *arguments)


def message_of(text):
    """The commit message in a patch file: without Overlay: lines and diffstat."""
    head = re.split(r"^(?:---$|diff --git )", text, maxsplit=1, flags=re.M)[0]
    head = re.sub(r"^Overlay: .*\n", "", head, flags=re.M)
    return re.sub(r"\ASubject: ", "", head).strip()


def diff_of(text):
    found = re.search(r"^diff --git ", text, flags=re.M)
    return text[found.start():] if found else ""


def overlay_of(text):
    head = re.split(r"^(?:---$|diff --git )", text, maxsplit=1, flags=re.M)[0]
    return re.findall(r"^Overlay: *(\S+)", head, flags=re.M)


def name_of(path):
    """NAME of a patch file NNNN-NAME.patch, with the directory of a stack."""
    name = re.sub(r"\A\d+-|\.patch\Z", "", os.path.basename(path))
    directory = os.path.dirname(path)
    if os.path.dirname(directory) == SERIES:
        return os.path.basename(directory) + "/" + name
    return name


class Commit:
    def __init__(self, tree, identity):
        self.tree, self.id = tree, identity
        text = tree.git("log", "-1", "--format=%B", identity)
        names = re.findall(r"^Patch: (\S+)$", text, flags=re.M)
        self.message = re.sub(r"^Patch: .*\n?", "", text, flags=re.M).strip()
        self.subject = self.message.splitlines()[0]
        # as git format-patch names its files
        self.name = names[-1] if names else re.sub(
            r"[^A-Za-z0-9_.]+", "-", self.subject).strip("-.")[:52].rstrip("-.")
        if self.subject.startswith(("fixup! ", "squash! ", "amend! ")):
            die("%s: \"%s\" is not folded yet: run git rebase --autosquash -i base there"
                % (tree.name, self.subject))

    def file(self, path):
        """Its text after this commit, or None."""
        return self.tree.file(self.id, path)


class Tree:
    def __init__(self, name):
        self.name = name
        self.dir = OUT + "/" + name
        self.state = self.dir + "/.git/lio-srp.json"

    # What it is made of

    def patches(self):
        """Its patch files, in order."""
        raise NotImplementedError

    def pristine(self):
        """A directory with the files without our patches."""
        raise NotImplementedError

    def inputs(self):
        """Files of the checkout, by path, with a hash of each."""
        return {os.path.relpath(path, TOP): hashlib.sha256(
            read(path).encode(errors="surrogateescape")).hexdigest()
            for path in self.input_files() if os.path.exists(path)}

    def input_files(self):
        return self.patches()

    # git

    def git(self, *arguments, env=None, **how):
        return run("git", "-C", self.dir, *arguments,
                   env=dict(os.environ, **(env or {})), **how)

    def exists(self):
        return os.path.exists(self.state)

    def head(self, revision="HEAD"):
        return self.git("rev-parse", revision).strip()

    def commits(self, until="HEAD"):
        return [Commit(self, identity) for identity in self.git(
            "rev-list", "--reverse", "base.." + until).split()]

    def file(self, revision, path):
        done = subprocess.run(["git", "-C", self.dir, "show", revision + ":" + path],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False)
        if done.returncode:
            return None
        return done.stdout.decode("utf-8", "surrogateescape")

    def changes(self, before, after):
        """{path: "A", "M" or "D"}."""
        text = self.git("diff", "--no-renames", "--name-status", before, after)
        return {path: status for status, path in
                (line.split("\t", 1) for line in text.splitlines())}

    def untouched(self):
        return (self.head() == self.head("laid") and
                not self.git("status", "--porcelain"))

    def stale(self):
        """Paths of the checkout that are not what they were when it was laid."""
        before = json.loads(read(self.state))["inputs"]
        now = self.inputs()
        return sorted(path for path in set(before) | set(now)
                      if before.get(path) != now.get(path))

    def mark(self):
        """The checkout and the tree agree now."""
        self.git("tag", "-f", "laid")
        write(self.state, json.dumps({"inputs": self.inputs()}, indent=1))

    # Laying

    def apply(self, patch):
        """Bring the files from the patch before to this one."""
        self.git("apply", "--whitespace=nowarn", "-", input=diff_of(read(patch)))

    def copy_pristine(self):
        """The first commit's files."""
        shutil.copytree(self.pristine(), self.dir, symlinks=True, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__", ".pc", ".git"))

    def lay(self):
        if self.exists() and not self.untouched():
            die("%s has changes that the checkout does not have: run make refresh, or "
                "remove that directory" % os.path.relpath(self.dir, TOP))
        if self.exists() and not self.stale():
            return
        say("laying " + os.path.relpath(self.dir, TOP))
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.git("init", "-q", "-b", "main")
        for key in "user.name", "user.email":
            done = subprocess.run(["git", "-C", TOP, "config", key], check=False,
                                  stdout=subprocess.PIPE, text=True)
            if done.stdout:
                self.git("config", key, done.stdout.strip())
        self.git("config", "alias.fold", FOLD)
        self.copy_pristine()
        self.commit("The files without our patches")
        self.git("tag", "base")
        for patch in self.patches():
            self.apply(patch)
            self.commit("%s\n\nPatch: %s\n" % (message_of(read(patch)), name_of(patch)))
        self.mark()

    def commit(self, message):
        self.git("add", "-fA")
        self.git("commit", "-q", "--allow-empty", "--cleanup=whitespace", "-F", "-",
                 input=message, env=dict(PLAIN, **LAID))


class Linux(Tree):
    def __init__(self):
        super().__init__("linux")
        self.source = None

    def patches(self):
        return sorted(glob.glob(SERIES + "/*/*.patch"))

    def overlay(self):
        return [path for path in shell("overlay_files").split() if path != VECTORS]

    def input_files(self):
        return self.patches() + [TOP + "/" + path for path in self.overlay()]

    def pristine(self):
        self.source = self.source or script("fetch/pristine.sh", "mainline")
        return self.source

    def copy_pristine(self):
        shell("check_overlay_named")
        paths = set(LINUX)
        for patch in self.patches():
            paths.update(shell('patch_changes "$1"', patch).split())
        for path in sorted(paths):
            source, copy = self.pristine() + "/" + path, self.dir + "/" + path
            if os.path.isdir(source):
                shutil.copytree(source, copy, dirs_exist_ok=True)
            else:
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                shutil.copy(source, copy)

    def apply(self, patch):
        shell('apply_patch "$1" "$2" "$3"', patch, self.pristine(), self.dir)


class Patched(Tree):
    """A version of a project of user space, perhaps derived from another one."""

    def __init__(self, project, version, primary=None, renamed=None):
        super().__init__(project + "-" + version)
        self.shared = TOP + "/usr/" + project
        self.base = self.shared + "/" + version
        self.primary = primary
        self.renamed = renamed or {}    # paths of the primary: paths here

    def patches(self):
        return [os.path.normpath(self.base + "/" + line) for line in
                read(self.base + "/series").split("\n") if line and line[0] != "#"]

    def pins(self):
        return sorted(glob.glob(self.base + "/pin*"))

    def input_files(self):
        return self.patches() + self.pins() + [self.base + "/series"]

    def others(self):
        """Directories like pristine(), of more packages that the patches are for."""
        return []


class OpenIscsi(Patched):
    def __init__(self, version, primary=None):
        super().__init__("open-iscsi", version, primary)

    def pristine(self):
        return run(self.shared + "/build.sh", "--cache",
                   os.path.basename(self.base)).strip() + "/orig"


class Libiscsi(Patched):
    def pristine(self):
        return run(self.shared + "/build.sh", "--cache").strip() + "/orig"


class Python(Patched):
    """A version of rtslib-fb or targetcli-fb."""

    def pristine(self):
        return script("package/patch-deb.sh", self.base) + "/orig"

    def others(self):
        return [script("package/patch-deb.sh", self.base,
                       os.path.basename(pin)[len("pin-"):]) + "/orig"
                for pin in self.pins() if pin != self.base + "/pin"]


def all_trees():
    """The newest version of each project is the primary: its patches go upstream."""
    open_iscsi = OpenIscsi("2.1.13")
    rtslib = Python("rtslib", "2.2.3")
    targetcli = Python("targetcli", "3.0.2")
    return [
        Linux(),
        open_iscsi, OpenIscsi("2.1.11", open_iscsi),
        Libiscsi("libiscsi", "1.20.0"),
        rtslib, Python("rtslib", "2.1.75", rtslib),
        targetcli, Python("targetcli", "2.1.53", targetcli, {
            "targetcli/targetcli_shell.py": "scripts/targetcli",
            "targetcli/targetclid.py": "scripts/targetclid"})]
