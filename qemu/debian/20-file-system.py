# SPDX-License-Identifier: GPL-2.0-or-later
# A file system on the disk keeps its data after a new login
import pair

pair.data_disk()
pair.data("write", pair.MOUNTED + "/file", "file system")
pair.unmount()
pair.logout()
pair.login()
pair.data_disk()
pair.data("check", pair.MOUNTED + "/file", "file system")
pair.sh("initiator", "rm %s/file" % pair.MOUNTED)
