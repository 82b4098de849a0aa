# SPDX-License-Identifier: GPL-2.0-or-later
"""Expected results of AuthMethod lists, for each scope of authentication."""
import itertools

import initiator
from initiator import Refused, outcome

METHODS = ("SRP", "CHAP", "None")
# not a valid choice; none of these may log in
MALFORMED = ("", ",", ",SRP", "SRP,", "None,", "SRP,,None", "srp", "none",
             "SRP ", "Non", "Nonesuch", "C", "S", "CHA", "SRPX", "NoneX",
             "Reject", "Irrelevant", "NotUnderstood", "KRB5", "SPKM1",
             "None,None", "SRP,SRP", "None;SRP")


def lists():
    """Every subset of the methods in every order."""
    for count in range(1, len(METHODS) + 1):
        for chosen in itertools.permutations(METHODS, count):
            yield ",".join(chosen)


def negotiate(how, offer):
    """Log in; return the method that was used, or the outcome.

    The initiator correctly performs the method that the target chooses, so only the
    target can cause a failure.
    """
    def log_in():
        with initiator.Initiator(**how) as i:
            choice = i.start(offer, transit="None" in offer)
            if i.first_answer.transit:
                if choice != "None":
                    choice = "T=1 before " + choice
            elif choice == "SRP":
                i.user()
                i.ephemeral()
                i.prove()
            elif choice == "CHAP":
                i.chap_rows()
            i.operational()
            i.logout()
            return choice

    try:
        return initiator.ended(log_in)
    except Refused as error:
        return str(error)


def expected(target, offer, required):
    """The allowed results of an offer."""
    for method in offer.split(","):
        if method not in target.split(","):
            continue
        if method == "None" and required:
            # RFC 7143 tries the next method; a rejection is equally safe
            rest = offer.split(",", offer.split(",").index("None") + 1)[-1]
            return ("0201",) + tuple(m for m in ("SRP", "CHAP")
                                     if m in target.split(",") and
                                     m in rest.split(","))
        # without required authentication, leaving the stage is allowed
        return (method,) if required else (method, "T=1 before " + method)
    return ("0201",)


def every_list(table, targets, set_methods, required, how):
    """Test each list of the target against each list of the initiator."""
    for target in targets:
        set_methods(target)
        for offer in lists():
            table.row("target %s, initiator %s" % (target, offer),
                      negotiate(how, offer),
                      expected(target, offer, required))


def malformed(table, how):
    """Test invalid lists where authentication is required."""
    for offer in MALFORMED:
        got = negotiate(how, offer)
        table.row("AuthMethod=" + offer, got,
                  ("SRP", "0200", "0201", "0207", "closed")
                  if "SRP" in offer.split(",") else
                  ("0200", "0201", "0207", "closed"))


def ways_in(how):
    """(description, script) of logins that must not reach the operational stage."""
    def case(what, *requests, then_operational=True):
        def script(i):
            for keys, flags in requests:
                if i.ask(keys, **flags).transit:
                    raise Refused("T=1 for %s" % what)
            if then_operational:
                i.operational()
        return what, script
    srp_user = [("SRP_U", "alice"), ("TargetAuth", "No")]
    transit = {"transit": True}
    return [
        case("straight to the operational stage",
             ([], {"csg": 1})),
        case("operational stage, T=1",
             ([], {"csg": 1, "transit": True}), then_operational=False),
        case("no AuthMethod, T=1", ([], transit)),
        case("no AuthMethod, T=1 NSG=3",
             ([], {"transit": True, "nsg": 3})),
        case("SRP agreed, T=1", ([("AuthMethod", "SRP")], transit)),
        case("SRP agreed, then an empty T=1",
             ([("AuthMethod", "SRP")], {}), ([], transit)),
        case("SRP agreed, T=1 with SRP_U",
             ([("AuthMethod", "SRP")], {}), (srp_user, transit)),
        case("SRP agreed, then CSG=1",
             ([("AuthMethod", "SRP")], {})),
        case("SRP_M first",
             ([("AuthMethod", "SRP")], {}),
             ([("SRP_M", "0x" + "00" * 20)], transit)),
        case("SRP_HM from the initiator",
             ([("AuthMethod", "SRP")], {}),
             ([("SRP_HM", "0x" + "00" * 20)], transit)),
        case("CHAP keys under SRP",
             ([("AuthMethod", "SRP")], {}), ([("CHAP_A", "5")], {}),
             ([("CHAP_N", "alice"), ("CHAP_R", "0x" + "00" * 16)], transit)),
        case("SRP keys under CHAP",
             ([("AuthMethod", "CHAP")], {}), (srp_user, {}),
             ([("SRP_M", "0x" + "00" * 20)], transit)),
        case("SRP keys without AuthMethod", (srp_user, transit)),
        case("CHAP keys without AuthMethod", ([("CHAP_A", "5")], transit)),
        case("SRP keys under None",
             ([("AuthMethod", "None")] + srp_user, transit)),
        case("None with a CHAP key",
             ([("AuthMethod", "None"), ("CHAP_A", "5")], transit)),
        case("None after SRP",
             ([("AuthMethod", "SRP")], {}),
             ([("AuthMethod", "None")], transit)),
        case("SRP and None, as two keys",
             ([("AuthMethod", "SRP"), ("AuthMethod", "None")], transit)),
        case("None and SRP, as two keys",
             ([("AuthMethod", "None"), ("AuthMethod", "SRP")], transit)),
        case("None in a list with a key of SRP",
             ([("AuthMethod", "SRP,None")] + srp_user, transit)),
        case("CHAP after SRP",
             ([("AuthMethod", "SRP")], {}),
             ([("AuthMethod", "CHAP")], {}), ([("CHAP_A", "5")], {})),
        case("TargetAuth alone",
             ([("AuthMethod", "SRP")], {}), ([("TargetAuth", "No")], transit)),
        case("draft keys",
             ([("AuthMethod", "SRP")], {}),
             ([("SRP_U", "alice"), ("SRP_N", "0x01"), ("SRP_g", "0x02")], {})),
        case("SPKM1 and its key",
             ([("AuthMethod", "SPKM1")], {}), ([("SPKM_REQ", "0x00")],
                                               transit)),
        case("KRB5 and its key",
             ([("AuthMethod", "KRB5")], {}), ([("KRB_AP_REQ", "0x00")],
                                              transit)),
    ]


def no_way_in(table, how):
    for what, script in ways_in(how):
        try:
            got = outcome(script, **how)
        except Refused as error:
            got = str(error)
        table.row(what, got, ("0200", "0201", "0202", "0207", "closed"))
