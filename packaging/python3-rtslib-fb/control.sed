# Debian's next version is newer than ours, and has no SRP
/^Depends:/a Provides: python3-rtslib-fb-srp (= 2)
