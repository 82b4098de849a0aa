# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the Makefiles below usr/ share: flags, the library, tests.  A Makefile
# sets NAME, the name of its directory, and includes this file.  Then
#
#   $(LIB)           is the library of usr/lib, built with the program's flags;
#                    LIB_LIBS are the libraries that it needs
#   $(O)/%.o         is built from %.c, $(O)/tests/%.o from tests/%.c
#   check            runs the tests: the cmocka programs $(O)/tests/test_% for
#                    the words in TESTS, linked with the objects TESTED, $(LIB)
#                    and TEST_LIBS; and with pytest the scripts tests/test_*.py
#   check-asan       is check with AddressSanitizer and UBSan, but for the
#                    words in NO_ASAN
#   fuzz             runs the libFuzzer programs tests/fuzz_% for the words in
#                    FUZZ, linked as the tests are, for FUZZ_SECONDS or
#                    FUZZ_RUNS inputs: see lib/tests/fuzz.sh (needs clang)
#
# Everything that is built goes to O, by default out/NAME of the checkout.

.DEFAULT_GOAL := all

TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../..)
VERSION := $(shell cat $(TOP)/VERSION)
O ?= $(TOP)/out/$(NAME)
PREFIX ?= /usr
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man

PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
HARDEN_LD ?= -pie -Wl,-z,relro,-z,now

override CFLAGS += -std=gnu11 -Wall -Wextra -Werror -Wstrict-prototypes \
	-Wmissing-prototypes -Wshadow $(HARDEN)
override CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	-I$(TOP)/include/uapi -I$(TOP)/usr -I$(O) -iquote $(CURDIR) \
	$(shell $(PKG_CONFIG) --cflags libcrypto)
override LDFLAGS += $(HARDEN_LD) -Wl,--as-needed
CRYPTO := $(shell $(PKG_CONFIG) --libs libcrypto)
LIB_LIBS := $(CRYPTO) $(shell $(PKG_CONFIG) --libs libbsd libcap-ng libseccomp) \
	-lunistring

LIB := $(O)/lib/libsrp.a
LIB_OBJECTS := $(patsubst $(TOP)/usr/lib/%.c,$(O)/lib/%.o,\
	$(wildcard $(TOP)/usr/lib/*.c))

$(LIB): $(LIB_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

$(O)/lib/%.o: $(TOP)/usr/lib/%.c $(O)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/%.o: %.c $(O)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/%.o: tests/%.c $(O)/srp_vectors.h $(O)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

GEN := $(TOP)/kunit/vectors/gen.py
$(O)/srp_vectors.h: $(GEN) $(TOP)/kunit/vectors/vectors.json | $(O)/tests
	$(GEN) --user -o $@

TEST_LIBS ?= $(LIB_LIBS)
$(O)/tests/test_%: $(O)/tests/test_%.o $(TESTED) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) -lcmocka

$(O)/tests/fuzz_%: $(O)/tests/fuzz_%.o $(TESTED) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) -lcmocka

# A line "ok NAME" or "not ok NAME" for each test: see lib/tests/Results.pm and
# results.py.  check-programs runs $(O)/tests/test_%, check-scripts tests/test_*.py
PYTEST ?= pytest-3
RUNNERS := $(TOP)/usr/lib/tests
export COMPONENT = $(NAME)

check: check-programs check-scripts

check-programs: $(TESTS:%=$(O)/tests/test_%)
	$(if $^,PERL5LIB=$(RUNNERS) CMOCKA_MESSAGE_OUTPUT=TAP prove \
		--formatter Results --merge -e '' $^)

SCRIPTS := $(wildcard tests/test_*.py)
check-scripts: all
	$(if $(SCRIPTS),BUILT=$(O) PYTHONDONTWRITEBYTECODE=1 \
		PYTHONPATH=$(RUNNERS) $(PYTEST) -p no:cacheprovider \
		-p results $(SCRIPTS))

.SECONDARY: $(TESTS:%=$(O)/tests/test_%.o) \
	$(FUZZ:%=$(O)/tests/fuzz_%.o) $(FUZZ:%=$(O)/tests/fuzz_%)

# Leak checks need ptrace(2), which the programs forbid
check-asan:
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	$(MAKE) check TESTS="$(filter-out $(NO_ASAN),$(TESTS))" \
		COMPONENT=$(NAME)-asan O=$(O)/asan CFLAGS="-O1 -g" HARDEN_LD= \
		HARDEN="-fsanitize=$(SANITIZE)"

SANITIZE := address,undefined -fno-sanitize-recover=all
# clang warns of libseccomp's macros
fuzz:
	$(MAKE) fuzz-programs O=$(O)/fuzz CC=clang CFLAGS="-O1 -g" \
		HARDEN="-fsanitize=fuzzer-no-link,$(SANITIZE) -Wno-missing-field-initializers" \
		HARDEN_LD="-fsanitize=fuzzer,$(SANITIZE)"

# All of them, also if one fails
fuzz-programs: $(FUZZ:%=fuzz-%)
fuzz-%: $(O)/tests/fuzz_%
	$(RUNNERS)/fuzz.sh $< tests/corpus/$*

# Build everything again when a flag or the compiler changes
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
$(O)/flags: FORCE | $(O)/tests $(O)/lib
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

$(O)/tests $(O)/lib:
	mkdir -p $@

# Remove only what was built: O may be a directory with other files
clean:
	rm -rf $(O)/asan $(O)/fuzz $(O)/lib $(O)/tests
	rm -f $(O)/*.o $(O)/*.d $(O)/srp_vectors*.h $(O)/flags $(BUILT:%=$(O)/%)

.PHONY: all check check-asan check-programs check-scripts fuzz fuzz-programs \
	install clean FORCE
FORCE:

-include $(wildcard $(O)/*.d $(O)/lib/*.d $(O)/tests/*.d)

# Dependency files may name files that no longer exist, also those of another
# checkout that used O.  With another checkout $(O)/flags changes.  They are not
# made from anything.
%.c: ;
%.h: ;
%.d: ;
