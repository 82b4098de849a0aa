# SPDX-License-Identifier: GPL-2.0-or-later
#
# The entry point.  The scripts do the work; builds outside the checkout are in
# $(CACHE).

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lio-srp

define HELP
make demo            build everything, boot a guest, log in with SRP
make check           the tests: programs and patches, KUnit and end to end on
                     Linux 6.12 and mainline, the module against Debian's
                     kernels, the commands of CONTRIBUTING.md, the packages on
                     two machines with Debian 13
Not in make check:
make check-debug     the guests' tests with KASAN, lockdep and kmemleak
make check-packages  build the Debian packages and test them in Debian roots
make module-all      make module for each flavour of each kernel that Debian 12,
                     13 and their backports offer, and for arm64
make check-arm64     cross build the helper, the tools and the module for arm64,
                     test the helper and load the module in an emulated guest
make check-pair      all tests of the packages on two machines, with Debian
                     13, with 12, and with one of each
make check-upgrade   upgrade two machines from Debian 12 to 13 while SRP is in use
make soak            an hour of 1,000 initiators that log in and transfer data, and
                     check-pair with a GiB
make style           checkpatch, sparse, W=1, layers, shellcheck
make series          the patch series for mainline, in out/series/, one for each
                     stack of series/; git am must make the same tree
make check-series    each patch of them builds, with and without SRP, as a module, for
                     other machines and by clang, and passes the KUnit suites that
                     are there by then; hours
make check-selftest  follow the steps in 2-srp's cover letter: build mainline with
                     the series and run its selftest in User-mode Linux

Parts of make check:
make kunit           the KUnit suites
make e2e             the end-to-end tests
make module          build the module for stock kernels and compare symbols
make fuzz            fuzz the programs' parsers, each for FUZZ_SECONDS (60) or
                     FUZZ_RUNS inputs

make timing          whether times tell secrets or who exists: t-tests of SAMPLES
                     (100000) of each job of the helper and each answer of a target

make bench           measure logins; writes Documentation/benchmarks.md
make bench-tls       measure what TLS costs on two machines with Debian 13, at most
                     half an hour; writes Documentation/tls-benchmarks.md
make deb             Debian packages, in out/deb/12/ and out/deb/13/
make repo            an apt repository of these packages, in out/repo/, signed
                     with the key KEY=... of gpg or with one that is made
make trees           the code that we patch, as git trees in out/trees/
make refresh         make the patches from these trees (CONTRIBUTING.md)
make update          look for newer kernel sources
make clean           remove what is built in the checkout
make distclean       and all downloads and builds in $(CACHE)

qemu/run -h          run a command of yours in a guest
endef

help:
	$(info $(HELP))
	@:

deps:
	@scripts/fetch/deps.sh

demo: deps
	@scripts/guest/demo.sh

check: deps
	@ci/check.sh

check-debug: deps
	@ci/check.sh -d

check-arm64: deps
	@ci/check-arm64.sh | ci/summary.sh

check-pair:
	@qemu/check-pair | ci/summary.sh

check-upgrade:
	@qemu/check-pair upgrade | ci/summary.sh

soak: deps
	@qemu/soak 3600
	@qemu/check-pair soak | ci/summary.sh

kunit: deps
	@kunit/run.sh

e2e: deps
	@qemu/check

fuzz: deps
	@ci/fuzz.sh | ci/summary.sh

SAMPLES ?= 100000
timing: deps
	@$(MAKE) -s -C usr/srpd timing SAMPLES=$(SAMPLES)
	@qemu/timing $(SAMPLES)

bench:
	@scripts/fetch/deps.sh bench
	@qemu/bench

bench-tls:
	@scripts/fetch/deps.sh debian
	@scripts/package/make-deb.sh -r 13 >/dev/null
	@scripts/package/make-repo.sh >/dev/null
	@qemu/bench-tls

deb:
	@scripts/fetch/deps.sh deb
	@scripts/package/make-deb.sh

repo: deb
	@scripts/package/make-repo.sh $(if $(KEY),-k '$(KEY)')

check-packages: deps
	@packaging/check-packages | ci/summary.sh

module: deps
	@scripts/kernel/build-module.sh

module-all: deps
	@scripts/kernel/build-module.sh all

series: deps
	@scripts/kernel/make-series.sh

check-series: deps
	@ci/check-series.sh

check-selftest: deps
	@ci/check-selftest.sh

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

.PHONY: help deps demo check check-debug check-arm64 check-pair check-selftest \
	check-series check-upgrade soak kunit e2e fuzz timing bench bench-tls deb \
	check-packages module module-all repo series trees refresh style update clean distclean
