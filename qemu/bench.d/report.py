# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables, limits, a page and a picture from the runs of a benchmark.

A run is the object printed by guest.py.  Its member "unpatched" is the object
from the guest with the unpatched kernel.
"""
import subprocess
from itertools import chain

from figures import Limit, median, number, p99, spread, table

GROUP = "SRP-2048"
UNPATCHED = "CHAP, unpatched kernel"


def each(runs, pick):
    return [pick(run) for run in runs]


# Ratios within one run

def at_10_ms(other):
    return lambda run: median(run["latency"][GROUP]["10"]) / \
        median(other(run)["latency"]["CHAP"]["10"])


def added(run, group=GROUP):
    """Time from SRP_A's arrival to SRP_B, plus from SRP_M's to the response."""
    steps = run["target_side"][group]
    return median([a + m for a, m in zip(steps["SRP_A"], steps["SRP_M"])])


def added_ratio(run, group=GROUP):
    return added(run, group) / run["target_side"][group]["alone_us"]


def jobs(group):
    return lambda run: run["channel"]["1"][group]["ratio"]


def against_mpi(group):
    return lambda run: run["mpi_us"][group] / run["round_trip_us"][group]


def load_seconds(run):
    return run["users"]["batch_s"] + run["users"]["apply_s"]


def among_users(run):
    """Compare consecutive turns only: the speed of the machine drifts."""
    return median([median(every) / median(one) for every, one in zip(
        run["users"]["all_us"], run["users"]["one_us"])])


def first(run):
    return run["first"]["first_us"] / median(run["first"]["warm_us"])


def limits(groups, users):
    """The goals of the project."""
    large = groups[groups.index(GROUP):]
    found = [
        Limit("%s login at 10 ms : CHAP login, unpatched kernel" % GROUP,
              at_10_ms(lambda run: run["unpatched"]), most=1.22),
        Limit("%s login at 10 ms : CHAP login, same kernel" % GROUP,
              at_10_ms(lambda run: run), most=1.22),
        Limit("target time added by %s : one exponentiation" % GROUP,
              added_ratio, most=0.5)]
    for group in large:
        if group != "MODP-3072":
            found.append(Limit("jobs/s, %s, 1 worker : OpenSSL alone" % group,
                               jobs(group),
                               least=0.85 if group == GROUP else 0.95))
    for group in large:
        found.append(Limit("`mpi_powm()`, %s : helper's round trip" % group,
                           against_mpi(group), least=5))
    found.append(Limit("first login after boot : warm login", first, most=1.5))
    found.append(Limit("login among %d users : with one user" % users, among_users,
                       most=1.05))
    found.append(Limit("loading %d users in one batch, seconds" % users, load_seconds,
                       most=10))
    return found


def limit_table(kernels):
    """kernels: {name: runs}"""
    run = next(iter(kernels.values()))[0]
    head = ["ratio (min / median / max)", "limit"]
    for kernel in kernels:
        head += [kernel, "met"]
    rows = []
    for limit in limits(list(run["round_trip_us"]), run["users"]["users"]):
        row = [limit.name, str(limit)]
        for runs in kernels.values():
            values = each(runs, limit.pick)
            row += [spread(values), "met" if limit.met(values) else "NOT met"]
        rows.append(row)
    return table(head, rows)


# Tables of one kernel

def latency(runs):
    ours = runs[0]["latency"]
    rtts = list(next(iter(ours.values())))
    head = ["method"]
    for rtt in rtts:
        name = "%s ms" % rtt if rtt != "0" else "loopback"
        head += [name + ": median", "p99"]
    rows = []

    def row(name, results):
        cells = [name]
        for rtt in rtts:
            some = [result[rtt] for result in results if rtt in result]
            cells += [spread(each(some, median), 1000),
                      number(p99(sum(some, [])) / 1000)] if some else ["", ""]
        rows.append(cells)

    for method in runs[0]["unpatched"]["latency"]:
        row(method + ", unpatched kernel",
            [run["unpatched"]["latency"][method] for run in runs])
    for method in ours:
        row(method, [run["latency"][method] for run in runs])
    for group in runs[0]["cold"]:
        row(group + ", cold", [run["cold"][group] for run in runs])
    return "Latency of a login, ms", table(head, rows)


def target_side(runs):
    rows = []
    for group in runs[0]["target_side"]:
        some = [run["target_side"][group] for run in runs]
        rows.append([group] + [
            spread([median(of[step]) for of in some])
            for step in ("SRP_U", "SRP_A", "SRP_M")] + [
                spread([of["alone_us"] for of in some]),
                spread([added_ratio(run, group) for run in runs])])
    return "Time at the target from a request's arrival to its response, us", table(
        ["group", "SRP_U", "SRP_A", "SRP_M", "one exponentiation",
         "(SRP_A + SRP_M) : exponentiation"], rows)


def exponentiation(runs):
    rows = []
    for group in runs[0]["round_trip_us"]:
        rows.append([group] + [spread(values) for values in (
            [run["channel"]["1"][group]["alone_us"] for run in runs],
            [run["round_trip_us"][group] for run in runs],
            [run["mpi_us"][group] for run in runs],
            each(runs, against_mpi(group)),
            [run["exec_us"][group] for run in runs])])
    return "One exponentiation, us", table(
        ["group", "OpenSSL alone", "helper's round trip", "`mpi_powm()`",
         "`mpi_powm()` : round trip", "helper started for one job"], rows)


def channel(runs):
    rows = []
    for workers in sorted(runs[0]["channel"]):
        for group in runs[0]["channel"][workers]:
            some = [run["channel"][workers][group] for run in runs]
            rows.append([group, workers] + [
                spread([of[key] for of in some])
                for key in ("per_second", "alone_per_second", "ratio")])
    return "Jobs per second", table(
        ["group", "workers", "through the channel", "OpenSSL alone", "ratio"], rows)


def first_login(runs):
    return "First login after boot, loopback, ms", table(
        ["", "min / median / max"],
        [["first", spread([run["first"]["first_us"] for run in runs], 1000)],
         ["warm", spread([median(run["first"]["warm_us"]) for run in runs],
                         1000)],
         ["ratio", spread(each(runs, first))]])


def rate(runs):
    rows = []
    for groups, by in runs[0]["rate"].items():
        for initiators in by:
            rows.append([initiators, groups] + [
                spread([of["rate"][groups][initiators] for of in some])
                for some in (runs, [run["unpatched"] for run in runs])])
    return "Logins per second, loopback", table(
        ["parallel initiators", "portal groups", GROUP, UNPATCHED], rows)


def memory(runs):
    names = {
        "worker_rss_kib": "worker: resident, including libraries, KiB",
        "worker_anon_kib": "worker: anonymous memory, KiB",
        "user_bytes": "kernel: one user with an %s verifier, bytes" % GROUP,
        "connection_bytes": "kernel: a connection that starts a login, bytes",
        "login_bytes": "kernel: added by an %s login until SRP_M, bytes" %
                       GROUP,
        "module_bytes": "kernel: iscsi_target_mod, bytes",
        "module_unpatched_bytes": "kernel: unpatched iscsi_target_mod, bytes"}
    return "Memory", table(["", "min / median / max"], [
        [name, spread([run["memory"][key] for run in runs])]
        for key, name in names.items()])


def users(runs):
    number_of = runs[0]["users"]["users"]
    some = [run["users"] for run in runs]
    return "Users", table(["", "min / median / max"], [
        ["%d users into a file by one batch, s" % number_of,
         spread([of["batch_s"] for of in some])],
        ["the file into a target's table, s",
         spread([of["apply_s"] for of in some])],
        ["login with one user, ms",
         spread([median(chain(*of["one_us"])) for of in some], 1000)],
        ["login with %d users, ms" % number_of,
         spread([median(chain(*of["all_us"])) for of in some], 1000)],
        ["ratio", spread(each(runs, among_users))]])


TABLES = (latency, target_side, first_login, exponentiation, channel, rate,
          memory, users)

NOTES = """\
Each ratio compares values of the same run.  A run is one boot of the kernel and one
boot of the unpatched kernel.  The tables show the minimum, median and maximum of the
runs; the median must meet the limit.  p99 is computed over the logins of all runs.
Target, helper and initiator share the CPUs of one guest, in User-mode Linux.  A run
that other processes disturb is repeated, at most twice.

- A system call takes {syscall} us in these guests and {native} us on the host.  A job
  needs two of them in the worker.  OpenSSL alone needs none: the clock is read before
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
  processes as there are workers, before and after.
- The 6.12 guests have one CPU and are pinned to one host CPU.  So is the mainline guest
  that measures single jobs, one worker and the users.  A guest's kernel and processes
  are threads and processes of the host.  On one CPU none of them has to wake another
  CPU, and a system call takes {pinned} us.  With two workers on two CPUs, the host often
  delays one worker's kernel while the other worker runs, most noticeably in small
  groups.
- LIO serves one login at a time per portal group (`np_login_sem`).
- Users: `iscsi-srp-passwd --batch` with existing verifiers of three groups, and
  `--apply`.  The logins use {group} on loopback and alternate between two targets, one
  with one user and one with all users, which then swap.  The ratio is the median over
  consecutive turns.
- Kernel memory is the growth of unreclaimable slabs over many users or logins.  The
  size of iscsi_target_mod is that of its objects' sections, without the tests.
"""


def document(kernels, about):
    """The text of benchmarks.md; about: description of the machine."""
    everything = [run for runs in kernels.values() for run in runs]
    text = ["# Benchmarks\n",
            "Written by `%s` on %s, %s, %s; the machine was %s.\n" % (
                about["command"], about["cpu"], about["gcc"],
                everything[0]["helper"].rpartition(", ")[2], about["quiet"]),
            "![Latency of a login](latency.svg)\n",
            "## Limits\n", limit_table(kernels),
            "## How to read it\n",
            NOTES.format(
                group=GROUP,
                syscall=spread([run["syscall_us"] for run in everything]),
                pinned=spread([run["pinned_syscall_us"] for run in everything]),
                native=number(about["syscall_us"]))]
    for kernel, runs in kernels.items():
        text.append("## %s: Linux %s\n" % (kernel, runs[0]["kernel"]))
        text.append("%d run%s; guests with %d CPU%s.\n" % (
            len(runs), "s" * (len(runs) > 1), runs[0]["cpus"],
            "s" * (runs[0]["cpus"] > 1)))
        for make in TABLES:
            title, what = make(runs)
            text += ["### %s\n" % title, what]
    return "\n".join(text)


def summary(kernels):
    """The section of README.md: picture and one paragraph."""
    kernel, runs = next(iter(kernels.items()))
    values = {
        "kernel": runs[0]["kernel"].partition("-")[0], "name": kernel,
        "group": GROUP,
        "ratio": number(median(each(runs, at_10_ms(
            lambda run: run["unpatched"])))),
        "ours": number(median([median(run["latency"][GROUP]["0"])
                               for run in runs]) / 1000),
        "chap": number(median([
            median(run["unpatched"]["latency"]["CHAP"]["0"])
            for run in runs]) / 1000),
        "added": number(median(each(runs, added)) / 1000),
        "mpi": number(median(each(runs, against_mpi(GROUP)))),
    }
    return ("![Latency of a login by method](Documentation/latency.svg)\n\n"
            "Linux {kernel} in User-mode Linux: with a 10 ms round trip, an {group} "
            "login takes {ratio} times as long as a CHAP login. On loopback it "
            "takes {ours} ms, CHAP {chap} ms. The target spends {added} ms on "
            "SRP_A and SRP_M together. The helper, including its channel, is "
            "{mpi} times as fast as the kernel's `mpi_powm()`. "
            "[All figures](Documentation/benchmarks.md)."
            ).format(**values)


def picture(path, runs):
    """Draw the median latencies, one panel per round trip time."""
    bars = [("CHAP, unpatched", [run["unpatched"]["latency"]["CHAP"] for run in runs])]
    for method in runs[0]["latency"]:
        bars.append((method, [run["latency"][method] for run in runs]))
    bars.insert(0, bars.pop(1))         # None first
    bars.append((GROUP + ", cold", [run["cold"][GROUP] for run in runs]))
    rtts = list(runs[0]["latency"][GROUP])
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
unset key""" % (path, len(rtts), runs[0]["kernel"])]
    for rtt in rtts:
        script.append("set title \"%s\"\n$data << end" % (
            "loopback" if rtt == "0" else "round trip %s ms" % rtt))
        for name, results in bars:
            some = [median(result[rtt]) for result in results if rtt in result]
            if some:
                colour = 0xa0a0a0 if name == "None" else 0x4477aa \
                    if name.startswith("CHAP") else 0xcc6677
                script.append("\"%s\" %.3f %d" % (name, median(some) / 1000,
                                                  colour))
        script.append("end\nplot $data using 0:2:3:xtic(1) with boxes "
                      "linecolor rgb variable")
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True,
                   check=True)
