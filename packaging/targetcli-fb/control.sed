# Without the patched rtslib there is nothing that the new commands could call
s/python3-rtslib-fb (>= [^)]*)/python3-rtslib-fb (>= 2.1.75-2.1+srp1)/
# It makes the verifiers
/^Depends:/a Recommends: iscsi-srp-utils
