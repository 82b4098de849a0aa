#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check the layout: file sizes, and which file may include which.  Silent if all is
well.

In drivers/target/iscsi/srp a file includes headers of its own layer and of the layers
that LAYERS names for it, which are below it.  A name there that nothing needs is an
error.
"""
import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
SRP = "drivers/target/iscsi/srp/"
LONGEST = 600                           # lines

# From the bottom to the top: the files of each layer, and the layers below that it may
# include
LAYERS = {
    "base": ("group param proof text", ""),
    "queue": ("queue", "base"),
    "workers": ("worker powers", "base queue"),
    "key": ("key", "workers"),
    "store": ("cred min_group decoy stats slots scope", "base workers"),
    "users": ("users pick", "base workers store"),
    "policy": ("methods policy", "base store"),
    "exchange": ("exchange reject bind", "base workers store users"),
    "login": ("login outcome audit session", "base store users policy exchange"),
    "configfs": ("configfs users_configfs",
                 "base workers store users policy login"),
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
    for path in sources("drivers", "tools", "usr"):
        lines = text(path).count("\n")
        if lines > LONGEST and not is_test(path):
            yield "%s has %d lines, at most %d are allowed" % (path, lines, LONGEST)


def circles():
    graph = {path: set(included(path)) for path in sources("drivers", "include", "tools",
                                                            "usr", "compat")}

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
    layer_of = {name: layer for layer, (names, _) in LAYERS.items()
                for name in names.split()}
    used = {layer: set() for layer in LAYERS}
    for path in sorted(sources(SRP)):
        if is_test(path):
            continue
        mine = layer_of.get(os.path.basename(path)[:-len(".c")])
        if not mine:
            yield path + " is in no layer: add it to LAYERS in ci/layers.py"
            continue
        for header in included(path):
            theirs = layer_of.get(os.path.basename(header)[:-len(".h")])
            if not header.startswith(SRP) or theirs in (None, mine):
                continue
            used[mine].add(theirs)
            if theirs not in LAYERS[mine][1].split():
                yield "%s: the layer '%s' must not include %s of '%s'" % (
                    path, mine, os.path.basename(header), theirs)
    order = list(LAYERS)
    for layer, (_, below) in LAYERS.items():
        for other in below.split():
            if order.index(other) >= order.index(layer):
                yield "LAYERS: '%s' is not below '%s'" % (other, layer)
            elif other not in used[layer]:
                yield "LAYERS: '%s' includes nothing of '%s'" % (layer, other)


def interface():
    """LIO's own files see no header of a layer, only iscsi_target_srp.h and _tls.h."""
    for path in sorted(glob.glob(TOP + "/series/*/*.patch")):
        for diff in re.split("^diff --git a/", text(os.path.relpath(path, TOP)),
                             flags=re.M)[1:]:
            if os.path.exists(TOP + "/" + diff.split()[0]):
                continue                # one of ours
            for header in re.findall(r'^\+#include "([^"]+)"', diff, flags=re.M):
                if "/" in header:
                    yield ("%s includes %s in a file of LIO's: only iscsi_target_srp.h "
                           "and iscsi_target_tls.h may be" % (os.path.basename(path),
                                                              header))


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
