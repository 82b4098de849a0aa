# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's ib_isert and cxgbit load with our module, whose symbols they use
import pair

pair.ready()
for module in "ib_isert", "cxgbit":
    path = pair.sh("target", "modinfo -n " + module)
    if "/kernel/drivers/" not in path:
        raise AssertionError("%s is not Debian's: %s" % (module, path))
    pair.sh("target", "modprobe " + module)
    users = pair.sh("target", "ls /sys/module/iscsi_target_mod/holders")
    if module not in users.split():
        raise AssertionError("%s does not use iscsi_target_mod: %s" % (module, users))
    pair.sh("target", "modprobe -r " + module)
