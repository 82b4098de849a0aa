# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables, limits and a page from what tls_measure.py found.

For each question there is a list of turns.  A turn is {way: answer}.
"""
from figures import Limit, median, number, sections, spread, table

GIB = 1 << 30
SIZES = {"1M": "1 MiB", "64k": "64 KiB", "4k": "4 KiB"}
WAYS = ("plain", "TLS", "stunnel", "NVMe/TCP", "NVMe/TCP with TLS", "bare TCP",
        "bare TLS")
MODULES = {"read 1M": "read, 1 MiB", "write 1M": "write, 1 MiB",
           "read 4k": "read, 4 KiB", "write 4k": "write, 4 KiB"}


def speed(turn, way):
    """Bytes per second; the mean of the measurements of a way that was measured twice."""
    some = [turn[name]["per_s"] for name in (way, way + " again") if name in turn]
    return sum(some) / len(some)


def ratio(one, other):
    return lambda turn: speed(turn, one) / speed(turn, other)


def noise(way):
    """The ratio of a way to itself."""
    def pick(turn):
        speeds = turn[way]["per_s"], turn[way + " again"]["per_s"]
        return min(speeds) / max(speeds)

    return pick


def added_trips(turn):
    """Round trips of a login with TLS, beyond those of a plain login and of TLS."""
    trips = {name: answer["round_trips"] for name, answer in turn.items()}
    return trips["TLS"] - trips["plain"] - (trips["handshake"] - 1)


def added_time(turn):
    """What TLS adds to a login : TLS's own handshake, without TCP's, and a round trip."""
    took = {name: median(answer["seconds"]) for name, answer in turn.items()}
    return (took["TLS"] - took["plain"]) / took["handshake"]


def with_modules(what, pick):
    return lambda turn: pick(turn[what])


def limits():
    """The goals of the project."""
    found = []
    for what in "read", "write":
        found += [
            Limit("TLS : bare stream with TLS in the kernel, %s" % what, what + " 1M",
                  ratio("TLS", "bare TLS"), least=0.9, noise=noise("bare TLS")),
            Limit("TLS : stunnel at both ends, %s" % what, what + " 1M",
                  ratio("TLS", "stunnel"), least=1.5)]
    for what, name in MODULES.items():
        found.append(Limit(
            "plain TCP : the kernel's own modules, %s" % name, "modules",
            with_modules(what, ratio("ours", "stock")), least=1,
            noise=with_modules(what, noise("ours"))))
    return found + [
        Limit("round trips that TLS adds to a login, beyond TLS's own", "login",
              added_trips, most=1),
        Limit("time that TLS adds to a login : handshake and a round trip", "login",
              added_time, most=1)]


LIMITS = limits()


def limit_table(found):
    rows = []
    for limit in LIMITS:
        some = found.get(limit.question, [])
        rows.append([limit.name, str(limit),
                     spread([limit.pick(turn) for turn in some]) if some else "not measured",
                     "met" if some and limit.met(some) else "NOT met"])
    return table(["ratio (min / median / max)", "limit", "measured", "met"], rows)


def of(found, question, pick):
    """spread() of what pick(turn) returns; empty where it was not measured."""
    some = [value for value in map(pick, found.get(question, [])) if value is not None]
    return spread(some) if some else ""


def per_gib(end, way):
    def pick(turn):
        some = [turn[name] for name in (way, way + " again") if name in turn]
        return some and sum(each[end + "_s"] for each in some) * GIB / sum(
            each["bytes"] for each in some) or None

    return pick


def throughput(found, what):
    """MB/s and CPU time for one direction."""
    rows = []
    for way in WAYS:
        def fast(turn, way=way):
            return speed(turn, way) / 1e6 if way in turn else None

        row = [way] + [of(found, "%s %s" % (what, size), fast) for size in SIZES]
        row.insert(4, of(found, what + " 4k", lambda turn, way=way:
                         turn[way]["iops"] if way in turn else None))
        row += [of(found, what + " 1M", per_gib(end, way)) for end in ("target", "initiator")]
        if any(row[1:]):
            rows.append(row)
    return table(["way"] + ["%s, MB/s" % size for size in SIZES.values()] + [
        "4 KiB, IOPS", "target, CPU s per GiB", "initiator, CPU s per GiB"], rows)


def ciphers(found):
    some = found["ciphers read"][0]
    return table(["cipher", "read, MB/s", "bare stream", "write, MB/s", "bare stream"], [
        [name] + [of(found, "ciphers " + what, lambda turn, way=way: speed(turn, way) / 1e6)
                  for what in ("read", "write") for way in (name, "bare " + name)]
        for name in some if not name.startswith("bare ")])


def logins(found):
    turns = found["login"]
    names = {"plain": "SRP-2048", "TLS": "SRP-2048 with TLS",
             "handshake": "TLS's handshake alone, OpenSSL at both ends"}
    return table(["", "ms", "round trips, with TCP's"], [
        [name, spread([median(turn[way]["seconds"]) * 1000 for turn in turns]),
         spread([turn[way]["round_trips"] for turn in turns])]
        for way, name in names.items()] + [
            ["SRP-2048 with TLS : without",
             spread([median(turn["TLS"]["seconds"]) / median(turn["plain"]["seconds"])
                     for turn in turns]), ""]])


def modules(found):
    rows = []
    for what, name in MODULES.items():
        rows.append([name] + [
            of(found, "modules", lambda turn, way=way, what=what:
               turn[what][way]["per_s"] / 1e6)
            for way in ("stock", "ours", "ours again")])
    return table(["MB/s", "the kernel's own", "ours, before", "ours, after"], rows)


NOTES = """\
Two machines of QEMU have one CPU each and Debian's kernel, {kernel}; QEMU emulates
{cpu}, with AES-NI.  Without KVM every instruction is emulated, so only the ratios say
something.  The initiator has one session for each way to the same LUN, a disk in the
target's memory, at the same time.  All ways are measured one after the other in short
turns, so that noise of the machine meets all of them; each ratio compares values of the
same turn, of a way that was measured twice their mean.  The tables show the minimum, median
and maximum of the turns; the median must meet the limit.  Noise is the ratio of a way to
itself, the lower to the higher value.

- The ciphers of the kernel are {drivers}.
- fio reads and writes with a queue of {depth} requests, `direct=1`; 4 KiB in any order, more
  in sequence.
- TLS is TLS 1.3 with AES-256-GCM in all ways.  stunnel runs at both ends, in user space;
  iSCSI is plain on the loopback of each machine.
- The bare stream: OpenSSL makes the handshake, and then a program sends, or receives, 1 MiB
  with each system call on a socket with TLS in the kernel: nothing but TLS, and a copy.
- CPU time is that of the threads of QEMU that run the machine's CPU.  That of the start of
  fio, or of the program of the stream, is subtracted.
- The other ciphers were chosen on the initiator, in GnuTLS's `/etc/gnutls/config`.
- Logins: netem adds a round trip of 10 ms, half of it at each end.  The initiator is a
  program of the tests in Python.  Round trips are counted in a capture on the wire.
- Plain TCP with the kernel's own modules, at both ends, has no authentication, and neither
  has what it is compared with.
- {versions}.
"""


def document(found, about):
    """The text of tls-benchmarks.md; about: description of the machine."""
    guest = found["about"]
    text = ["# Benchmarks of TLS\n",
            "Written by `%s` on %s; the machine was %s.\n" % (
                about["command"], about["cpu"], about["load"]),
            "## Limits\n", limit_table(found), "## How to read it\n",
            NOTES.format(depth=16, kernel=guest["kernel"], cpu=guest["cpu"],
                         drivers=", ".join("`%s`" % each for each in guest["drivers"]),
                         versions=guest["versions"])]
    if "nvme" in found:
        text.append("NVMe/TCP was not measured: %s\n" % found["nvme"])
    if found["failed"]:
        text.append("Turns without a result: %s.\n" % "; ".join(found["failed"]))
    text += sections(found, (
        ("Read", lambda f: throughput(f, "read"), ["read " + size for size in SIZES]),
        ("Write", lambda f: throughput(f, "write"), ["write " + size for size in SIZES]),
        ("Ciphers, 1 MiB", ciphers, ["ciphers read", "ciphers write"]),
        ("Login, round trip 10 ms", logins, ["login"]),
        ("Plain TCP, without TLS", modules, ["modules"])), "##")
    return "\n".join(text)


def summary(found):
    """The paragraph of README.md."""
    def middle(question, pick):
        some = found.get(question)
        return number(median([pick(turn) for turn in some])) if some else "?"

    return ("With TLS (AES-256-GCM, Debian 13's kernel), large reads run at {bare} times the "
            "speed of a bare stream with TLS in the kernel, and at {stunnel} times that of "
            "stunnel. A login takes {trips} more round trip. "
            "[All figures](Documentation/tls-benchmarks.md)."
            ).format(bare=middle("read 1M", ratio("TLS", "bare TLS")),
                     stunnel=middle("read 1M", ratio("TLS", "stunnel")),
                     trips=middle("login", lambda turn: turn["TLS"]["round_trips"] -
                                  turn["plain"]["round_trips"]))
