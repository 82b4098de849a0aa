# The new commands need the patched rtslib
s/python3-rtslib-fb (>= [^)]*)/python3-rtslib-fb (>= 2.1.75-2.1+srp1)/
# iscsi-srp-passwd creates the verifiers
/^Depends:/a Recommends: iscsi-srp-utils
