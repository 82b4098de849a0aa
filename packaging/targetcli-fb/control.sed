# The new commands need the patched rtslib; those of TLS need version 2
s/python3-rtslib-fb (>= [^)]*)/&, python3-rtslib-fb-srp (>= 2)/
# iscsi-srp-passwd creates the verifiers
/^Depends:/a Recommends: iscsi-srp-utils
# Debian's next version is newer than ours, and has no SRP
/^Conflicts:/i Provides: targetcli-fb-srp
