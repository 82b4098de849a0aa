#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check the layout: file sizes, and which file may include which.  Silent if all is
well.

In drivers/target/iscsi/srp a file includes headers of its own layer and of layers
below.  USERS lists for each header the layers above that include it; nothing else
may, and an entry that nothing needs is an error.
"""
import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
SRP = "drivers/target/iscsi/srp/"
LONGEST = 600                           # lines

# From the bottom to the top: the files of each layer
LAYERS = {
    "base": "group text proof param",
    "queue": "queue",
    "workers": "worker key powers",
    "credentials": "stats slots cred decoy scope",
    "users": "users pick",
    "policy": "policy",
    "exchange": "exchange",
    "login": "login outcome audit",
    "configfs": "configfs users_configfs policy_configfs",
}
USERS = {
}


def sources(*directories):
    for directory in directories:
        for path in glob.glob("%s/%s/**/*" % (TOP, directory), recursive=True):
            if re.search(r"\.(c|h|py|sh|mk)$", path):
                yield os.path.relpath(path, TOP)


def text(path):
    with open(TOP + "/" + path, encoding="utf-8") as f:
        return f.read()


def is_test(path):
    return "/tests/" in path


def included(path):
    """Files of ours that a file includes."""
    for name in re.findall(r'^#include "([^"]+)"', text(path), flags=re.M):
        found = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if os.path.exists(TOP + "/" + found):
            yield found


def sizes():
    for path in sources("drivers", "usr"):
        lines = text(path).count("\n")
        if lines > LONGEST and not is_test(path):
            yield "%s has %d lines, at most %d are allowed" % (path, lines, LONGEST)


def circles():
    graph = {path: set(included(path)) for path in sources("drivers", "include", "usr",
                                                            "compat")}

    def reaches(start, goal, seen):
        for path in graph.get(start, ()):
            if path == goal or (path not in seen and not seen.add(path) and
                                reaches(path, goal, seen)):
                return True
        return False

    for path in sorted(graph):
        if reaches(path, path, set()):
            yield path + " includes itself by way of other files"


def layers():
    layer_of = {name: layer for layer, names in LAYERS.items() for name in names.split()}
    order = list(LAYERS)
    seen = {}
    for path in sorted(sources(SRP)):
        name = os.path.basename(path).rsplit(".", 1)[0]
        if is_test(path):
            continue
        if name not in layer_of:
            yield "%s belongs to no layer: add it to LAYERS in %s" % (
                path, os.path.relpath(__file__, TOP))
            continue
        mine = layer_of[name]
        for header in included(path):
            if not header.startswith(SRP):
                continue
            other = os.path.basename(header)
            theirs = layer_of.get(other[:-len(".h")])
            if theirs == mine or theirs is None:
                continue
            if order.index(theirs) > order.index(mine):
                yield "%s (%s) includes %s of the layer above it (%s)" % (
                    path, mine, other, theirs)
            elif mine not in USERS.get(other, "").split():
                yield "%s (%s) includes %s (%s), which USERS does not allow" % (
                    path, mine, other, theirs)
            seen.setdefault(other, set()).add(mine)
    for header, users in USERS.items():
        for layer in users.split():
            if layer not in seen.get(header, ()):
                yield "USERS: %s: the layer '%s' does not include it" % (header, layer)


def interface():
    """LIO's own files see one header of ours."""
    for path in sorted(glob.glob(TOP + "/series/*.patch")):
        for header in re.findall(r'^\+#include "([^"]+)"', text(os.path.relpath(path, TOP)),
                                 flags=re.M):
            if header != "iscsi_target_srp.h":
                yield "%s includes %s in a file of LIO's: only iscsi_target_srp.h may be" % (
                    os.path.basename(path), header)


def kernel_only():
    """What is in drivers/ and include/ goes to the kernel as it is."""
    for directory in "drivers", "include":
        for path in glob.glob("%s/%s/**/*" % (TOP, directory), recursive=True):
            if os.path.isfile(path) and not re.search(r"\.[ch]$", path):
                yield os.path.relpath(path, TOP) + ": no file of the kernel's"


def versions():
    version = text("VERSION").strip()
    for package in "iscsi-srp-utils", "iscsi-target-srp-dkms":
        path = "packaging/%s/debian/changelog" % package
        newest = re.search(r"\((.*)\)", text(path)).group(1)
        if newest != version:
            yield "%s: the newest version is %s, VERSION says %s" % (path, newest, version)
    if not re.search(r"^## " + re.escape(version) + "$", text("NEWS.md"), flags=re.M):
        yield "NEWS.md says nothing of " + version


def main():
    complaints = [complaint for check in (sizes, circles, layers, interface, kernel_only,
                                          versions) for complaint in check()]
    print("\n".join(complaints), end="\n" if complaints else "")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
