# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one way in.  The scripts do the work; what is built outside the checkout
# is in $(CACHE).

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lio-srp

help:
	@echo 'make demo         an SRP login from end to end, in a guest'
	@echo 'make check        all tests, on Linux 6.12 and on mainline'
	@echo 'make check-debug  the guests'\'' tests under KASAN, lockdep and kmemleak'
	@echo 'make check-pair the packages on two machines with Debian'\''s own kernel'
	@echo 'make soak         the same with a GiB of data'
	@echo 'make kunit        the KUnit suites only'
	@echo 'make e2e          the end-to-end tests only'
	@echo 'make bench        how fast logins are: tables, Documentation/benchmarks.md'
	@echo 'make deb          Debian packages, in out/deb/'
	@echo 'make check-packages    build them and test them in roots of Debian'
	@echo 'make module       the module for stock kernels, built and compared'
	@echo 'make series       the patch series for mainline, in out/series/'
	@echo 'make trees        the code that we patch, as git trees in out/trees/'
	@echo 'make refresh      make the patches from these trees'
	@echo 'make style        checkpatch, sparse, W=1, shellcheck'
	@echo 'make update       look for newer kernel sources'
	@echo 'make clean        remove what is built in the checkout'
	@echo 'make distclean    and all downloads and builds in $(CACHE)'
	@echo
	@echo 'qemu/run -h       run a command of yours in a guest'

deps:
	@scripts/fetch/deps.sh

demo: deps
	@scripts/guest/demo.sh

check: deps
	@ci/check.sh

check-debug: deps
	@ci/check.sh -d

check-pair:
	@qemu/check-pair | ci/summary.sh

soak:
	@qemu/check-pair soak | ci/summary.sh

kunit: deps
	@kunit/run.sh

e2e: deps
	@qemu/check

bench:
	@scripts/fetch/deps.sh bench
	@qemu/bench

deb:
	@scripts/fetch/deps.sh deb
	@scripts/package/make-deb.sh

check-packages: deps
	@packaging/check-packages | ci/summary.sh

module: deps
	@scripts/kernel/build-module.sh

series: deps
	@scripts/kernel/make-series.sh

trees: deps
	@scripts/trees/lay.py

refresh:
	@scripts/trees/refresh.py

style: deps
	@ci/style.sh

update: deps
	@scripts/fetch/pristine.sh -u 6.1
	@scripts/fetch/pristine.sh -u 6.12
	@scripts/fetch/pristine.sh -u mainline

clean:
	rm -rf out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf '$(CACHE)'

.PHONY: help deps demo check check-debug check-pair soak kunit e2e bench deb \
	check-packages module series trees refresh style update clean distclean
