#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Of several logins of one initiator and ISID at the same moment, one session is left
# log: failed with status 0[023]
import expect
import race
from background import srp_login
from initiator import NAME, TARGET, Initiator, outcome
from lio import Discovery, Target, wait_for

OTHER_NAME = "iqn.2024-01.org.example:other-initiator"
OTHER_TARGET = "iqn.2024-01.org.example:other-target"
ISID = b"\x80\x01\x02\x03\x04\x05"
# method, logins at once, rounds
RACES = (("None", 2, 12), ("None", 3, 4), ("CHAP", 2, 2), ("SRP", 2, 4),
         ("SRP", 5, 2))


def prepare(**how):
    target = Target(methods="SRP,CHAP,None", authentication=0, **how)
    for name in NAME, OTHER_NAME:
        auth = target.acl(name).auth
        auth.srp()
        auth.chap()
    return target


def one_left(what, initiators, ends):
    """The only one of the initiators whose session answers."""
    expect.true("0000" in ends, "%s: nobody logged in: %s" % (what, ends))
    for end in ends:
        expect.one_of(end, ("0000", "closed"), what)
    left = [i for i in initiators if race.answers(i)]
    expect.equal(len(left), 1, what + ": sessions that answer")
    return left[0]


def all_left(what, *hows):
    """Logins that have nothing to do with each other all succeed."""
    with race.ready(*hows) as initiators:
        expect.equal(race.finish(initiators), ["0000"] * len(hows), what)
        expect.equal([race.answers(i) for i in initiators],
                     [True] * len(hows), what + ": sessions that answer")
        handles = [i.tsih for i in initiators
                   if i.target == TARGET and not i.discovery]
        expect.equal(len(set(handles)), len(handles), what + ": TSIHs")
        for i in initiators:
            expect.equal(i.logout(), 0, what + ": logout")


target = prepare()
other = prepare(name=OTHER_TARGET, portal="127.0.0.1:3261")
Discovery(enforce=False).srp()

for method, number, rounds in RACES:
    for count in range(rounds):
        what = "%d logins by %s, round %d" % (number, method, count)
        with race.ready(*[{"isid": ISID}] * number, method=method) as racers:
            left = one_left(what, racers, race.finish(racers))
            wait_for(lambda: target.sessions() == 1, what + ": one session")
            # or else the next round meets the end of this session
            if count % 2:
                expect.equal(left.logout(), 0, what + ": logout")
    wait_for(lambda: target.sessions() == 0, "the end of all sessions")

# Against a session that is there; the response comes after the end of the old one
with Initiator(isid=ISID) as old, \
        race.ready({"isid": ISID}, {"isid": ISID}) as racers:
    old.login()
    expect.true(old.ping(), "the old session answers")
    ends = race.finish(racers)
    old.wire.sock.setblocking(False)
    expect.true(not race.answers(old), "the old session is still there")
    one_left("two logins against a session", racers, ends).logout()

# An initiator that leaves at that moment is in nobody's way
for count in range(6):
    with race.ready({"isid": ISID}, {"isid": ISID}, method="None") as racers:
        for i in racers:
            i.send_operational()
        racers[count % 2].close()
    expect.equal(outcome(srp_login, isid=ISID, timeout=race.TIMEOUT), "0000",
                 "login after one that left at its end")

# Another ISID, name, target or type of session is another session
all_left("ISIDs", *[{"isid": ISID[:5] + bytes([n])} for n in range(16)])
all_left("names", {"isid": ISID}, {"isid": ISID, "name": OTHER_NAME})
all_left("targets", {"isid": ISID},
         {"isid": ISID, "target": OTHER_TARGET, "portal": ("127.0.0.1", 3261)})
all_left("types", {"isid": ISID}, {"isid": ISID, "discovery": True})
with race.ready(*[{"isid": ISID, "discovery": True}] * 2) as racers:
    one_left("discovery", racers, race.finish(racers))
wait_for(lambda: target.sessions() + other.sessions() == 0,
         "the end of all sessions")
