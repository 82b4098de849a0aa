# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables, limits, a page and a picture from what the guests measured.

For each question to a guest there is a list of turns.  A turn is {guest: answer};
guests are "ours" and "unpatched", both with one CPU, and "two", which is ours with
two.  bench.d/guest.py makes the answers.
"""
import subprocess
from itertools import chain

import host
from figures import Limit, median, number, p99, sections, spread, table

GROUP = "SRP-2048"
CROWDS = ("silent 64", "trickling 64", "half_finished 64", "silent 1000")
INITIATORS = "8", "64"


def turns(found, question, guest, pick=lambda answer: answer):
    """What a guest measured in each turn."""
    return [pick(turn[guest]) for turn in found[question]]


# Ratios within one turn

def at_10_ms(other):
    return lambda turn: median(turn["ours"][GROUP]) / median(turn[other]["CHAP"])


def added(answer, group=GROUP):
    """Time from SRP_A's arrival to SRP_B, plus from SRP_M's to the response."""
    steps = answer[group]
    return median([a + m for a, m in zip(steps["SRP_A"], steps["SRP_M"])])


def added_ratio(answer, group=GROUP):
    return added(answer, group) / answer[group]["alone_us"]


def against_mpi(group):
    return lambda turn: turn["ours"][group]["mpi_us"] / \
        turn["ours"][group]["round_trip_us"]


def load_seconds(turn):
    return turn["ours"]["batch_s"] + turn["ours"]["apply_s"]


def among_users(turn):
    """Compare consecutive logins only: the speed of the machine drifts."""
    return median([median(every) / median(one) for every, one in zip(
        turn["ours"]["all_us"], turn["ours"]["one_us"])])


def first(turn):
    return turn["ours"]["first_us"] / median(turn["ours"]["warm_us"])


def held(answer):
    """Median next to a crowd; if a login failed, the time after which it failed."""
    return answer["bound_s"] * 1e6 if answer["failed"] else \
        median(answer["held_us"])


def crowd(turn):
    return held(turn["ours"]) / median(turn["ours"]["idle_us"])


def one_portal_group(initiators):
    return lambda turn: turn["ours"][GROUP]["1"][initiators] / \
        turn["ours"][GROUP]["8"][initiators]


def of_capacity(initiators):
    return lambda turn: turn["ours"][GROUP]["1"][initiators] / \
        capacity(turn["ours"])


def chap(turn):
    """Our rate against the unpatched kernel's, just before and just after."""
    return 2 * turn["ours"] / (turn["unpatched"] + turn["unpatched again"])


def chap_again(turn):
    """The unpatched kernel's rate against its own."""
    rates = turn["unpatched"], turn["unpatched again"]
    return min(rates) / max(rates)


def capacity(answer):
    """Logins per second that the CPUs allow."""
    return 1e6 * answer["cpus"] / (answer["chap_cpu_us"] + answer["powers_us"])


def steady(answer):
    """Throughput, against what the initiators of the logins leave of the CPUs."""
    idle = median([answer[when]["mb_per_s"] for when in ("idle", "after")])
    return answer["steady"]["mb_per_s"] / idle / (1 - answer["steady"]["initiators"])


def limits(users):
    """The goals of the project."""
    found = [
        Limit("%s login at 10 ms : CHAP login, unpatched kernel" % GROUP,
              "latency 10", at_10_ms("unpatched"), most=1.22),
        Limit("%s login at 10 ms : CHAP login, same kernel" % GROUP,
              "latency 10", at_10_ms("ours"), most=1.22),
        Limit("target time added by %s : one exponentiation" % GROUP,
              "target_side", lambda turn: added_ratio(turn["ours"]), most=0.5)]
    for group, least in (GROUP, 0.85), ("MODP-4096", 0.95), ("MODP-8192", 0.95):
        found.append(Limit(
            "jobs/s, %s, 1 worker : OpenSSL alone" % group, "channel 1",
            lambda turn, group=group: turn["ours"][group]["ratio"], least=least))
    for group in GROUP, "MODP-3072", "MODP-4096", "MODP-8192":
        found.append(Limit("`mpi_powm()`, %s : helper's round trip" % group,
                           "round_trips", against_mpi(group), least=5))
    found += [
        Limit("first login after boot : warm login", "first", first, most=1.5),
        Limit("login among %d users : with one user" % users, "users", among_users,
              most=1.05),
        Limit("loading %d users in one batch, seconds" % users, "users",
              load_seconds, most=10),
        Limit("64 initiators at 10 ms, %s : CHAP, unpatched kernel" % GROUP,
              "together 10", lambda turn: turn["ours"] / turn["unpatched"],
              most=0.25)]
    for kind in CROWDS:
        found.append(Limit("login next to %s connections : idle" % named(kind),
                           "crowd " + kind, crowd, most=1.5))
    for initiators in INITIATORS:
        found.append(Limit(
            "logins/s, %s, %s initiators, 1 portal group : 8" % (GROUP, initiators),
            "rate", one_portal_group(initiators), least=0.9))
        found.append(Limit(
            "logins/s, %s, %s initiators : what the CPUs allow" % (
                GROUP, initiators), "rate", of_capacity(initiators), least=0.75))
        found.append(Limit(
            "logins/s, CHAP, %s initiators : unpatched kernel" % initiators,
            "chap " + initiators, chap, least=1, noise=chap_again))
        found.append(Limit(
            "logins/s, CHAP, %s far initiators : unpatched kernel" % initiators,
            "far " + initiators, chap, least=1, noise=chap_again))
    found += [
        Limit("throughput next to 50 logins/s : idle", "io",
              lambda turn: steady(turn["ours"]), least=0.9),
        Limit("failed requests in a storm of logins", "io",
              lambda turn: turn["ours"]["storm"]["errors"], most=0),
        Limit("slowest request in a storm of logins, seconds", "io",
              lambda turn: turn["ours"]["storm"]["slowest_s"], most=1)]
    return found


def named(kind):
    what, count = kind.split()
    return "%s %s" % (count, what.replace("_", "-"))


def limit_table(kernels):
    """kernels: {name: found}"""
    head = ["ratio (min / median / max)", "limit"]
    for kernel in kernels:
        head += [kernel, "met"]
    users = [turn["ours"]["users"] for found in kernels.values()
             for turn in found.get("users", [])]
    rows = []
    for limit in limits(max(users, default=0)):
        row = [limit.name, str(limit)]
        for found in kernels.values():
            some = found.get(limit.question, [])
            row += [spread([limit.pick(turn) for turn in some]) if some else
                    "not measured",
                    "met" if some and limit.met(some) else "NOT met"]
        rows.append(row)
    return table(head, rows)


# Tables of one kernel

def latency(found):
    rtts = {"loopback": ("latency 0", "cold 0"), "1 ms": ("latency 1", None),
            "10 ms": ("latency 10", "cold 10")}
    head = ["method"]
    for name in rtts:
        head += [name + ": median", "p99"]
    rows = []

    def row(name, guest, method, which=0):
        cells = [name]
        for questions in rtts.values():
            some = questions[which] and turns(found, questions[which], guest,
                                              lambda answer: answer[method])
            cells += [spread([median(each) for each in some], 1000),
                      number(p99(sum(some, [])) / 1000)] if some else ["", ""]
        rows.append(cells)

    for method in found["latency 0"][0]["unpatched"]:
        row(method + ", unpatched kernel", "unpatched", method)
    for method in found["latency 0"][0]["ours"]:
        row(method, "ours", method)
    for group in found["cold 0"][0]["ours"]:
        row(group + ", cold", "ours", group, 1)
    return table(head, rows)


def target_side(found):
    some = turns(found, "target_side", "ours")
    return table(
        ["group", "SRP_U", "SRP_A", "SRP_M", "one exponentiation",
         "(SRP_A + SRP_M) : exponentiation"],
        [[group] + [spread([median(answer[group][step]) for answer in some])
                    for step in ("SRP_U", "SRP_A", "SRP_M")] + [
                        spread([answer[group]["alone_us"] for answer in some]),
                        spread([added_ratio(answer, group) for answer in some])]
         for group in some[0]])


def exponentiation(found):
    rows = []
    for group in found["round_trips"][0]["ours"]:
        def of(question, key=None, group=group):
            return spread(turns(found, question, "ours", lambda answer:
                                answer[group][key] if key else answer[group]))
        rows.append([group, of("channel 1", "alone_us"),
                     of("round_trips", "round_trip_us"), of("round_trips", "mpi_us"),
                     spread([against_mpi(group)(turn)
                             for turn in found["round_trips"]]), of("execs")])
    return table(
        ["group", "OpenSSL alone", "helper's round trip", "`mpi_powm()`",
         "`mpi_powm()` : round trip", "helper started for one job"], rows)


def channel(found):
    rows = []
    for workers, guest in ("1", "ours"), ("2", "two"):
        if "channel " + workers not in found:
            continue
        some = turns(found, "channel " + workers, guest)
        for group in some[0]:
            rows.append([group, workers] + [
                spread([answer[group][key] for answer in some])
                for key in ("per_second", "alone_per_second", "ratio",
                            "calls_per_second")])
    return table(["group", "workers", "through the channel", "OpenSSL alone",
                  "ratio", "OpenSSL with system calls"], rows)


def first_login(found):
    some = turns(found, "first", "ours")
    return table(["", "min / median / max"], [
        ["first", spread([answer["first_us"] for answer in some], 1000)],
        ["warm", spread([median(answer["warm_us"]) for answer in some], 1000)],
        ["ratio", spread([first(turn) for turn in found["first"]])]])


def rate(found):
    columns = [(GROUP, "ours", GROUP), ("CHAP", "ours", "CHAP"),
               ("CHAP, unpatched kernel", "unpatched", "CHAP")]
    if "two" in found["rate"][0]:
        columns += [(GROUP + ", 2 CPUs", "two", GROUP), ("CHAP, 2 CPUs", "two", "CHAP")]
    rows = []
    for groups, by in found["rate"][0]["ours"][GROUP].items():
        for initiators in by:
            rows.append([initiators, groups] + [
                spread(turns(found, "rate", guest, lambda answer:
                             answer[method][groups][initiators]))
                for _, guest, method in columns])
    far = [[initiators] + [spread(turns(found, "far " + initiators, guest))
                           for guest in ("ours", "unpatched")]
           for initiators in INITIATORS if "far " + initiators in found]
    return table(["parallel initiators", "portal groups"] +
                 [name for name, _, _ in columns], rows) + "\n" + table(
        ["far initiators", "CHAP", "CHAP, unpatched kernel"], far) + "\n" + table(
        ["", "min / median / max"], [
            ["CPU time of a CHAP login, both ends, ms",
             spread(turns(found, "rate", "ours",
                          lambda answer: answer["chap_cpu_us"]), 1000)],
            ["exponentiations of an %s login, both ends, ms" % GROUP,
             spread(turns(found, "rate", "ours",
                          lambda answer: answer["powers_us"]), 1000)],
            ["logins per second that the CPUs allow",
             spread(turns(found, "rate", "ours", capacity))]])


def together(found):
    return table(["", "min / median / max"], [
        [name, spread(turns(found, "together 10", guest))]
        for name, guest in ((GROUP, "ours"), ("CHAP, unpatched kernel", "unpatched"))])


def crowds(found):
    rows = []
    for kind in CROWDS:
        for name, guest in (GROUP, "ours"), ("CHAP, unpatched kernel", "unpatched"):
            some = turns(found, "crowd " + kind, guest)
            failed = sum(bool(answer["failed"]) for answer in some)
            rows.append([
                named(kind), name,
                spread([median(answer["idle_us"]) for answer in some], 1000),
                "%s%s" % ("> " * bool(failed),
                          spread([held(answer) for answer in some], 1000)),
                "%d of %d" % (failed, len(some))])
    return table(["connections", "login", "idle, ms", "next to them, ms",
                  "turns with failed logins"], rows)


def io(found):
    rows = []
    for name, guest in (GROUP, "ours"), ("CHAP, unpatched kernel", "unpatched"):
        some = turns(found, "io", guest)
        for state, label in (("idle", "none"), ("steady", "50 per second"),
                             ("storm", "as many as possible")):
            part = [answer[state] for answer in some]
            rows.append([name, label] + [
                spread([each.get(key, 0) for each in part], scale)
                for key, scale in (("logins_per_second", 1), ("mb_per_s", 1),
                                   ("slowest_s", 0.001))] + [
                    "%d" % sum(each["errors"] for each in part),
                    "%d" % sum(each.get("failed", 0) for each in part)])
    return table(["logins by", "logins", "per second", "MB/s",
                  "slowest request, ms", "failed requests", "failed logins"], rows)


def memory(found):
    names = {
        "worker_rss_kib": "worker: resident, including libraries, KiB",
        "worker_anon_kib": "worker: anonymous memory, KiB",
        "user_bytes": "kernel: one user with an %s verifier, bytes" % GROUP,
        "connection_bytes": "kernel: a connection that starts a login, bytes",
        "login_bytes": "kernel: added by an %s login until SRP_M, bytes" % GROUP}
    rows = [[name, spread(turns(found, "memory", "ours", lambda answer: answer[key]))]
            for key, name in names.items()]
    rows += [["kernel: %siscsi_target_mod, bytes" % name,
              spread([each[guest] for each in found["module"]])]
             for guest, name in (("ours", ""), ("unpatched", "unpatched "))]
    return table(["", "min / median / max"], rows)


def users(found):
    some = turns(found, "users", "ours")
    number_of = some[0]["users"]
    return table(["", "min / median / max"], [
        ["%d users into a file by one batch, s" % number_of,
         spread([of["batch_s"] for of in some])],
        ["the file into a target's table, s",
         spread([of["apply_s"] for of in some])],
        ["login with one user, ms",
         spread([median(chain(*of["one_us"])) for of in some], 1000)],
        ["login with %d users, ms" % number_of,
         spread([median(chain(*of["all_us"])) for of in some], 1000)],
        ["ratio", spread([among_users(turn) for turn in found["users"]])]])


# title, function, what it needs
TABLES = (
    ("Latency of a login, ms", latency, ("latency 0", "latency 1", "latency 10",
                                         "cold 0", "cold 10")),
    ("Time at the target from a request's arrival to its response, us", target_side,
     ("target_side",)),
    ("First login after boot, loopback, ms", first_login, ("first",)),
    ("One exponentiation, us", exponentiation, ("round_trips", "execs", "channel 1")),
    ("Jobs per second", channel, ("channel 1",)),
    ("Logins per second, loopback", rate, ("rate",)),
    ("64 initiators log in at the same time, 10 ms, s", together, ("together 10",)),
    ("Login next to connections that do not log in", crowds,
     tuple("crowd " + kind for kind in CROWDS)),
    ("Requests of a session next to logins", io, ("io",)),
    ("Memory", memory, ("memory",)),
    ("Users", users, ("users",)))


NOTES = """\
A run boots the kernel and the unpatched kernel on one CPU each, pinned to the same CPU of
the host, and mainline also on two: only the tables that say so are measured there, as
User-mode Linux needs up to some ms to wake another CPU.  The guests take short turns, one
at a time, so that noise of the machine meets all of them.  Nothing is repeated because of
noise: after 28 minutes the benchmark ends with the turns that it has.  Each ratio
compares values of the same turn.  The tables show the minimum, median and maximum of the
turns; the median must meet the limit.  p99 is computed over the logins of all turns.
Target, helper and initiators share the CPUs of one guest, in User-mode Linux, but far
initiators: they are in a guest of their own, with an unpatched kernel, on another CPU of
the host, and the two guests are linked by a socket.

- A system call takes {syscall} us in these guests, {two} us in that with two CPUs, and
  {native} us on the host.  A job needs two of them in the worker.  OpenSSL alone needs none: the clock is read before
  and after a whole loop.
- Latency: from before the TCP connection is opened until the last Login Response has
  arrived (`iscsi-login`).  SRP is mutual with one group; CHAP is one-way with SHA-256.
  The methods take turns.  Counting round trips, including TCP's, SRP : CHAP is
  6 : 5 = 1.20.
- netem adds the round trips on the loopback device, half of the time in each direction.
- Cold: the workers were killed before the login.  Otherwise they are running and had
  time to fill the pool of powers; logins follow each other in groups of seven.
- Time at the target: the tracepoint `iscsi_srp_step`, of logins that run alone.
- Helper's round trip: g^b, from submit to complete in the tracepoints, of jobs that run
  alone.  `mpi_powm()` takes turns with them, also runs alone, and uses a random odd
  modulus of the group's size.  These two and OpenSSL alone
  (`BN_mod_exp_mont_consttime()`) use 256-bit exponents.
- Helper started for one job: `iscsi-srpd --stdin` with pipes, started by posix_spawn(3).
- Jobs per second: powers for the pool, the last 56 of 64.  OpenSSL alone uses as many
  processes as there are workers, before and after.  With system calls: the same with two
  after each exponentiation, as a worker needs them, but it never sleeps.
- A guest's kernel and processes are threads and processes of the host.  With two workers
  on two CPUs, a third thread needs a CPU: that of the kernel which collects powers and
  requests the next ones, two at a time.  It interrupts a worker, and a worker that finds
  no job sleeps.  Each such switch is between processes of the host, most noticeable in
  small groups.
- 64 initiators: from the begin of the first login until the end of the last one, to one
  portal group.
- Logins per second: counted while all initiators are busy.  What the CPUs allow: their
  number, divided by the sum of the CPU time of a CHAP login (target and initiator, from
  the time that the guest was not idle) and of the exponentiations of an {group} login
  (g^a, g^x and S of the initiator; g^b, v^u and S of the target), by OpenSSL alone;
  the least of three measurements of each.  CHAP against the unpatched kernel: the rate
  between two measurements of the unpatched kernel, divided by their mean.  Its noise is
  the ratio of these two, the lower to the higher one; a median that is not lower than 1 by
  more than the median of the noise is not a loss.  Where the initiators share the
  target's CPU, they use most of it, and the unpatched kernel gains from making all but
  one of them wait.
- Next to connections that do not log in: silent ones send nothing, trickling ones send
  one byte of a Login Request per second, half-finished ones stop after the answer to
  their first request.  Those that the target closes are replaced.  A login may take 2 s;
  if the first one fails, no more are tried in that turn and its time counts as 2 s.
- Requests: 64 KiB, written and read in turns, one at a time, by open-iscsi's session
  with a portal group that the logins use too.  In the ratio, the CPU time that the
  initiators of the logins take (by the tracepoint `sched_switch`) is no loss of the
  target.  A storm is 64 initiators that log in again and again.
- Users: `iscsi-srp-passwd --batch` with existing verifiers of three groups, and
  `--apply`.  The logins use {group} on loopback and alternate between two targets, one
  with one user and one with all users, which then swap.  The ratio is the median over
  consecutive logins.
- Kernel memory is the growth of unreclaimable slabs over many users or logins.  The
  size of iscsi_target_mod is that of its objects' sections, without the tests.
"""


def document(kernels, about):
    """The text of benchmarks.md; about: description of the machine."""
    def syscalls(guest):
        return spread([turn[guest] for found in kernels.values()
                       for turn in found.get("syscall", []) if guest in turn] or [0])
    some = next(iter(kernels.values()))["about"][0]["ours"]
    text = ["# Benchmarks\n",
            "Written by `%s` on %s, %s, %s; the machine was %s.\n" % (
                about["command"], about["cpu"], about["gcc"],
                some["helper"].rpartition(", ")[2], host.quiet(
                    [load for found in kernels.values() for load in found["load"]])),
            "![Latency of a login](latency.svg)\n",
            "## Limits\n", limit_table(kernels),
            "## How to read it\n",
            NOTES.format(group=GROUP, syscall=syscalls("ours"),
                         two=syscalls("two"),
                         native=number(about["syscall_us"]))]
    for kernel, found in kernels.items():
        guest = found["about"][0]["ours"]
        text.append("## %s: Linux %s\n" % (kernel, guest["kernel"]))
        text.append("Runs: %d.\n" % len(found["about"]))
        if found["failed"]:
            text.append("Turns without a result: %s.\n" % "; ".join(found["failed"]))
        text += sections(found, TABLES, "###")
    return "\n".join(text)


def summary(kernels):
    """The section of README.md: picture and one paragraph."""
    found = next(iter(kernels.values()))

    def of(question, pick, scale=1):
        return number(median([pick(turn) for turn in found[question]]) / scale)

    values = {
        "kernel": found["about"][0]["ours"]["kernel"].partition("-")[0],
        "group": GROUP,
        "together": of("together 10", lambda turn: turn["ours"]),
        "chap_together": of("together 10", lambda turn: turn["unpatched"]),
        "ratio": of("latency 10", at_10_ms("unpatched")),
        "ours": of("latency 0", lambda turn: median(turn["ours"][GROUP]), 1000),
        "chap": of("latency 0", lambda turn: median(turn["unpatched"]["CHAP"]), 1000),
        "added": of("target_side", lambda turn: added(turn["ours"]), 1000),
        "mpi": of("round_trips", against_mpi(GROUP)),
    }
    return ("![Latency of a login by method](Documentation/latency.svg)\n\n"
            "Linux {kernel} in User-mode Linux, with a 10 ms round trip: 64 initiators "
            "that begin at the same time have all logged in by {group} after "
            "{together} s; the unpatched kernel needs {chap_together} s for CHAP. A "
            "single {group} login takes {ratio} times as long as a CHAP login. On "
            "loopback it takes {ours} ms, CHAP {chap} ms. The target spends {added} ms "
            "on SRP_A and SRP_M together. The helper, including its channel, is {mpi} "
            "times as fast as the kernel's `mpi_powm()`. "
            "[All figures](Documentation/benchmarks.md)."
            ).format(**values)


def picture(path, found):
    """Draw the median latencies, one panel per round trip time."""
    panels = (("loopback", "latency 0", "cold 0"), ("round trip 1 ms", "latency 1", None),
              ("round trip 10 ms", "latency 10", "cold 10"))
    script = ["""\
set terminal svg size 960,400 font "sans-serif,12" background "white"
set output "%s"
set multiplot layout 1,%d title "Latency of a login in ms, medians (Linux %s)"
set style fill solid 0.8 noborder
set boxwidth 0.7
set xtics rotate by 45 right nomirror font ",10"
set bmargin 7
set lmargin 6
set rmargin 2
set ytics nomirror
set border 3
set yrange [0:*]
set grid ytics
unset key""" % (path, len(panels), found["about"][0]["ours"]["kernel"])]
    for title, warm, cold in panels:
        bars = [(method, warm, "ours", method)
                for method in found[warm][0]["ours"]]
        bars.insert(1, ("CHAP, unpatched", warm, "unpatched", "CHAP"))
        if cold:
            bars.append((GROUP + ", cold", cold, "ours", GROUP))
        script.append("set title \"%s\"\n$data << end" % title)
        for name, question, guest, method in bars:
            colour = 0xa0a0a0 if name == "None" else 0x4477aa \
                if name.startswith("CHAP") else 0xcc6677
            script.append("\"%s\" %.3f %d" % (name, median(turns(
                found, question, guest, lambda answer, method=method:
                median(answer[method]))) / 1000, colour))
        script.append("end\nplot $data using 0:2:3:xtic(1) with boxes "
                      "linecolor rgb variable")
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True,
                   check=True)
