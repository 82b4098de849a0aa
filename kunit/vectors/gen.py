#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn vectors.json into a C header of known answers.

    gen.py --user   [--only GLOB] [-o FILE]    for user space (uint8_t)
    gen.py --kernel [--only GLOB] [-o FILE]    for KUnit (u8)

Without -o, write to standard output.  --only keeps vectors whose ID matches the
shell pattern, for instance '*/basic', and may be repeated.  The header does not
depend on other headers of the project.

It defines (uint8_t, uint16_t and uint32_t in user space):

    struct srp_octets {
            const u8 *p;            NULL if there is no such value
            u16 len;
    };

    struct srp_vector_group {       srp_vector_groups[9]: all nine, ids 1 to 9
            const char *name;       "SRP-768"
            struct srp_octets N;
            u16 id;                 enum iscsi_srp_group
            u8 g;
    };

    struct srp_vector {             srp_vectors[SRP_VECTORS]
            const char *id;         "SRP-768/basic"
            const char *group_name;
            u16 group;              enum iscsi_srp_group
            u32 u;
            struct srp_octets U, P, s, a, b, x, v, A, B, S, K, M, HM;
    };                              without P, a, b and x for KUnit

A, B, S and v have no leading zero bytes.  x, K, M, HM, U, P and s are byte strings
and keep leading zeros.

    srp_zero_u[SRP_ZERO_U]          struct srp_vector with u == 0: a target draws
                                    another b, an initiator rejects B; there are
                                    no x, S, K, M and HM

    struct srp_reject {             srp_rejects[SRP_REJECTS]
            const char *id;
            const char *group_name;
            u16 group;
            char key;               'A': the target rejects it, 'B': the initiator
            struct srp_octets value;
    };

    struct srp_encoding {           srp_encodings[SRP_ENCODINGS]
            const char *id;
            const char *text;       a value as it appears after "key="
            struct srp_octets octets;   p is NULL: text is rejected
    };

    struct srp_policy {             srp_policies[SRP_POLICIES]: refused when
            const char *id;         configured, never used for a login
            struct srp_octets U, P; p is not NULL, len may be 0
    };

All objects are static and may be unused: the compiler drops what a file does not
use.  A table that --only leaves empty is omitted and its count is 0.
"""
import argparse
import fnmatch
import json
import os
import sys

FORMAT = "iscsi-srp-vectors/1"
OCTETS = ("U", "P", "s", "a", "b", "x", "v", "A", "B", "S", "K", "M", "HM")
# Values that the kernel does not use
USER_ONLY = ("P", "a", "b", "x")
# Characters that need no escape in a C string literal
PLAIN = set(map(chr, range(0x20, 0x7f))) - set('"\\?')


class Header:
    """Collect the text of the header."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.bits = "u%d" if kernel else "uint%d_t"
        self.unused = "__maybe_unused" if kernel else "__attribute__((unused))"
        self.arrays = {}
        self.lines = []

    def type(self, bits):
        return self.bits % bits

    def array(self, value):
        """Define a static array with the bytes of a hex string; return its name."""
        if value not in self.arrays:
            name = "srp_octets_%d" % len(self.arrays)
            self.arrays[value] = name
            octets = bytes.fromhex(value)
            self.lines.append("static const %s %s[] =" % (self.type(8), name))
            for at in range(0, max(len(octets), 1), 16):
                row = "".join("\\x%02x" % o for o in octets[at:at + 16])
                self.lines.append('\t"%s"' % row)
            self.lines[-1] += ";\n"
        return self.arrays[value]

    def octets(self, value):
        if value is None:
            return "{ NULL, 0 }"
        return "{ %s, %d }" % (self.array(value), len(value) // 2)

    def table(self, ctype, name, count, rows):
        """Write a table; each row is a list of (member, initialiser)."""
        if count:
            self.lines.append("#define %s %d\n" % (count, len(rows)))
        if not rows:
            return
        self.lines.append("static const struct %s %s[%d] %s = {"
                          % (ctype, name, len(rows), self.unused))
        for row in rows:
            self.lines.append("\t{")
            for member, value in row:
                self.lines.append("\t\t.%s = %s," % (member, value))
            self.lines.append("\t},")
        self.lines.append("};\n")


def literal(text):
    bad = set(text) - PLAIN
    if bad:
        sys.exit("gen.py: '%s' cannot stand in a string literal" % text)
    return '"%s"' % text


def struct(name, members):
    return ["struct %s {" % name] + ["\t%s;" % m for m in members] + ["};\n"]


def generate(data, kernel, only):
    out = Header(kernel)
    u8, u16, u32 = (out.type(bits) for bits in (8, 16, 32))
    members = [k for k in OCTETS if not (kernel and k in USER_ONLY)]
    ids = {name: n for n, name in enumerate(data["groups"], 1)}

    def wanted(entries):
        return [e for e in entries if not only or
                any(fnmatch.fnmatchcase(e["id"], p) for p in only)]

    def head(entry):
        return [("id", literal(entry["id"]))] + (
            [("group_name", literal(entry["group"])),
             ("group", ids[entry["group"]])] if "group" in entry else [])

    def vector(entry):
        return head(entry) + [("u", "0x" + entry["u"])] + \
            [(k, out.octets(entry.get(k))) for k in members]

    licence = "GPL-2.0" if kernel else "GPL-2.0-or-later"
    out.lines += ["/* SPDX-License-Identifier: %s */" % licence,
                  "/* Generated by kunit/vectors/gen.py, do not edit */",
                  "#ifndef SRP_VECTORS_H", "#define SRP_VECTORS_H", ""]
    out.lines += (["#include <linux/stddef.h>", "#include <linux/types.h>", ""]
                  if kernel else
                  ["#include <stddef.h>", "#include <stdint.h>", ""])
    octets = "struct srp_octets "
    out.lines += struct("srp_octets", ["const %s *p" % u8, "%s len" % u16])
    out.lines += struct("srp_vector_group",
                        ["const char *name", octets + "N",
                         "%s id" % u16, "%s g" % u8])
    out.lines += struct("srp_vector",
                        ["const char *id", "const char *group_name",
                         "%s group" % u16, "%s u" % u32] +
                        [octets + k for k in members])
    out.lines += struct("srp_reject",
                        ["const char *id", "const char *group_name",
                         "%s group" % u16, "char key", octets + "value"])
    out.lines += struct("srp_encoding",
                        ["const char *id", "const char *text",
                         octets + "octets"])
    out.lines += struct("srp_policy", ["const char *id", octets + "U",
                                       octets + "P"])

    out.table("srp_vector_group", "srp_vector_groups", None,
              [[("name", literal(name)), ("N", out.octets(group["N"])),
                ("id", ids[name]), ("g", "0x" + group["g"])]
               for name, group in data["groups"].items()])
    out.table("srp_vector", "srp_vectors", "SRP_VECTORS",
              [vector(e) for e in wanted(data["vectors"])])
    out.table("srp_vector", "srp_zero_u", "SRP_ZERO_U",
              [vector(e) for e in wanted(data["zero_u"])])
    out.table("srp_reject", "srp_rejects", "SRP_REJECTS",
              [head(e) + [("key", "'%s'" % e["key"].removeprefix("SRP_")),
                          ("value", out.octets(e["octets"]))]
               for e in wanted(data["reject"])])
    out.table("srp_encoding", "srp_encodings", "SRP_ENCODINGS",
              [head(e) + [("text", literal(e["text"])),
                          ("octets", out.octets(e["octets"]))]
               for e in wanted(data["encoding"])])
    out.table("srp_policy", "srp_policies", "SRP_POLICIES",
              [head(e) + [(k, out.octets(e[k])) for k in ("U", "P")]
               for e in wanted(data["policy"])])
    out.lines.append("#endif /* SRP_VECTORS_H */")
    return "\n".join(out.lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description="Turn vectors.json into a C header of known answers.")
    home = parser.add_mutually_exclusive_group(required=True)
    home.add_argument("--user", action="store_true", help="for user space")
    home.add_argument("--kernel", action="store_true", help="for KUnit")
    parser.add_argument("--only", action="append", metavar="GLOB",
                        help="keep entries whose id matches")
    parser.add_argument("-o", metavar="FILE", help="instead of standard output")
    args = parser.parse_args()

    source = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "vectors.json")
    with open(source, encoding="utf-8") as file:
        data = json.load(file)
    if data["format"] != FORMAT:
        sys.exit("gen.py: %s: format is %s, not %s"
                 % (source, data["format"], FORMAT))
    text = generate(data, args.kernel, args.only)
    if args.o:
        # make must not mistake a half-written header for a finished one
        with open(args.o + ".tmp", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(args.o + ".tmp", args.o)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
