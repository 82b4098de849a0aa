# SPDX-License-Identifier: GPL-2.0-or-later
# The link is down for 30 s while data is written: SRP logs in again, no data is lost
# log: failed with status 0[02]
import subprocess
import time

import expect
import pair

CUT = 30                                # seconds

pair.data_disk()
before, start = pair.logins(), pair.since("initiator")
path = pair.MOUNTED + "/cut"
with subprocess.Popen(["initiator", "/usr/bin/python3", "-c", pair.DATA, "write",
                       path, "cut", str(pair.MIB)],
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                      text=True) as writer:
    for _ in range(pair.MIB // 4):      # wait until it is busy
        expect.true(writer.stdout.readline(), "the writer ended")
    pair.host("cut")
    time.sleep(CUT)
    expect.true(writer.poll() is None, "all was written without a network")
    expect.equal(pair.logins(), before, "SRP logins without a network")
    pair.host("mend")
    mended = time.monotonic()
    rest = writer.stdout.read()
    expect.equal(writer.wait(), 0, "the writer's status: " + rest)
    expect.true(rest.split()[-1:] == [str(pair.MIB - 1)], "written: " + rest)
print("done %.0f s after the cable was back" % (time.monotonic() - mended))

expect.true(pair.logins() > before, "there was no new SRP login")
for line in ("detected conn error", "operational after recovery",
             r"authenticated by SRP \(MODP-3072, target proved itself\)"):
    said = pair.logged("initiator", start, line)
expect.true("I/O error" not in said, said)

# Drop the caches of the initiator and the target before reading
pair.unmount()
pair.sh("target", "sync; echo 3 >/proc/sys/vm/drop_caches")
pair.data_disk()
pair.data("check", path, "cut")
pair.sh("initiator", "rm " + path)
