# The new commands need the patched rtslib
s/python3-rtslib-fb (>= [^)]*)/&, python3-rtslib-fb-srp/
# iscsi-srp-passwd creates the verifiers
/^Depends:/a Recommends: iscsi-srp-utils
# Debian's next version is newer than ours, and has no SRP
/^Conflicts:/i Provides: targetcli-fb-srp
