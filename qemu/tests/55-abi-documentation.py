#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Documentation/ABI describes exactly our configfs files
import os

import expect
from lio import Discovery, Target, documented

target = Target()
PLACES = {
    "/discovery_auth": Discovery(False).path,
    "/<target>/<tpgt>/auth": target.auth.path,
    "/<target>/<tpgt>/acls/<initiator>/auth": target.acl().auth.path,
    "/<target>/<tpgt>/np/<portal>": "%s/np/%s" % (target.tpg, target.portal),
}
USERS = "/<target>/srp_users/<label>"     # all of its files are ours
PLACES[USERS] = target.path + "/srp_users/alice"
os.mkdir(PLACES[USERS])
table = expect.Table()
for place, path in PLACES.items():
    table.row("files of " + path,
              {name for name in os.listdir(path)
               if place == USERS or name.startswith(("srp_", "tls"))},
              documented(place))
    table.row("entries for " + path, bool(documented(place)), True)
os.rmdir(PLACES[USERS])
table.end()
