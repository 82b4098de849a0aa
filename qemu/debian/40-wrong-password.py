# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong password is rejected, and both machines log the reason
# log: failed with status 0[02]
import pair

pair.reject_wrong_password()
