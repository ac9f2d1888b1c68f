# SPDX-License-Identifier: GPL-3.0-or-later
# Targets: all test layers sanitize valgrind fuzz coverage bench lint format reference install uninstall
# clean (see CONTRIBUTING.md).

# --- settings ---------------------------------------------------------------------------------
PREFIX ?= /usr/local
BUILD ?= build
OPTIMIZE ?= -O2 -g
# For the loops over examples; neither option changes a value.
KERNEL_OPTIMIZE ?= -O3 -fno-math-errno -fno-trapping-math
SANITIZE ?=
PKG_CONFIG ?= pkg-config
LUA ?= $(firstword $(foreach name,lua5.4 lua54 lua-5.4 lua,$(shell command -v $(name) 2>/dev/null)))
CLANG_FORMAT ?= clang-format

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wwrite-strings -Wundef

# --- the machine ------------------------------------------------------------------------------
ifeq ($(shell uname -s),Darwin)
MODULE_LINK := -bundle -undefined dynamic_lookup
EXPORT_LINK :=
# Homebrew keeps these two out of the way of the system's own.
KEGS := $(firstword $(wildcard /opt/homebrew/opt /usr/local/opt))
PKG_CONFIG_PATH := $(KEGS)/lua@5.4/lib/pkgconfig:$(KEGS)/readline/lib/pkgconfig:$(PKG_CONFIG_PATH)
PKG_CONFIG := PKG_CONFIG_PATH=$(PKG_CONFIG_PATH) $(PKG_CONFIG)
LUA := $(or $(LUA),$(wildcard $(KEGS)/lua@5.4/bin/lua))
else
MODULE_LINK := -shared
EXPORT_LINK := -Wl,-E
endif

lua_package = $(shell for name in lua5.4 lua-5.4 lua54 lua; do \
    $(PKG_CONFIG) $(1) "$$name >= 5.4" "$$name < 5.5" 2>/dev/null && break; done)
package = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
LUA_CFLAGS ?= $(call lua_package,--cflags)
LUA_LIBS ?= $(or $(call lua_package,--libs),-llua)
READLINE_CFLAGS ?= $(filter -I%,$(call package,--cflags readline))
READLINE_LIBS ?= $(or $(call package,--libs readline),-lreadline)
CRITERION_CFLAGS ?= $(call package,--cflags criterion)
CRITERION_LIBS ?= $(or $(call package,--libs criterion),-lcriterion)
# $(call once,NAME): asked for once, and only by the commands that need it.
once = $(eval $(1) := $($(1)))$($(1))

# ISO mode hides POSIX; contraction is switched off because clang and gcc differ in its default.
BASE_CFLAGS := -std=c11 -D_DEFAULT_SOURCE -D_XOPEN_SOURCE=700 -D_DARWIN_C_SOURCE -Isrc \
               -fPIC -pthread -ffp-contract=off -MMD -MP $(WARNINGS)
LINK := $(SANITIZE) -pthread $(LDFLAGS)
LIBRARIES := -lm -lpthread -ldl

# `make V=1` shows the commands.
say = $(if $(V),,@printf '%-8s %s\n' $(1) $@;)

# --- files ------------------------------------------------------------------------------------
LAYERS := base array dataset graph model loss objective optimizer run host
object = $(patsubst %.c,$(BUILD)/object/%.o,$(1))

LAYER_OBJECTS := $(call object,$(foreach layer,$(LAYERS),$(sort $(wildcard src/$(layer)/*.c))))
BIND_OBJECTS := $(call object,$(sort $(wildcard src/bind/*.c))) $(BUILD)/object/embed.o
MAIN_OBJECTS := $(call object,$(sort $(wildcard src/repl/*.c)) $(wildcard src/main.c))
TEST_OBJECTS := $(call object,$(sort $(wildcard tests/core/*.c)))

EMBEDDED := $(sort $(shell find lua lessons -type f ! -name '.*' ! -name '*~' 2>/dev/null) \
                   $(wildcard scripts/tour.lua))

PROGRAM := $(BUILD)/descent
LIBRARY := $(BUILD)/libdescent.a
MODULE := $(BUILD)/module/descent/core.so
CORE_TESTS := $(BUILD)/tests/core

# --- build ------------------------------------------------------------------------------------
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all FORCE

all: $(LIBRARY) $(if $(wildcard src/main.c),$(PROGRAM)) $(if $(wildcard src/bind/module.c),$(MODULE))

# A program that runs is not written over.
$(PROGRAM): $(LAYER_OBJECTS) $(BIND_OBJECTS) $(MAIN_OBJECTS)
	$(call say,link)$(CC) $(LINK) $(EXPORT_LINK) -o $@.new $^ $(call once,LUA_LIBS) \
	    $(call once,READLINE_LIBS) $(LIBRARIES) && mv $@.new $@

$(MODULE): $(LAYER_OBJECTS) $(BIND_OBJECTS)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LINK) $(MODULE_LINK) -o $@.new $^ $(LIBRARIES) && mv $@.new $@

$(LIBRARY): $(LAYER_OBJECTS)
	@rm -f $@
	$(call say,archive)$(AR) rcs $@ $^

$(TEST_OBJECTS): | $(BUILD)/checked-test

$(CORE_TESTS): $(TEST_OBJECTS) $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LINK) -o $@ $^ $(call once,CRITERION_LIBS) $(LIBRARIES)

$(BUILD)/object/src/bind/%.o: EXTRA = $(call once,LUA_CFLAGS)
$(BUILD)/object/src/main.o: EXTRA = $(call once,LUA_CFLAGS)
$(BUILD)/object/src/repl/%.o: EXTRA = $(call once,LUA_CFLAGS) $(call once,READLINE_CFLAGS)
$(BUILD)/object/tests/%.o: EXTRA = -Itests/core $(call once,CRITERION_CFLAGS)
# The loops over examples, once for each instruction set; see src/graph/kernel.h.
$(BUILD)/object/src/graph/kernel_%.o: OPTIMIZE := $(OPTIMIZE) $(KERNEL_OPTIMIZE)
$(BUILD)/object/src/graph/kernel_functions_%.o: EXTRA = -ffp-contract=fast
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine)),)
$(BUILD)/object/src/graph/kernel_%_v3.o: ISA = -march=x86-64-v3
$(BUILD)/object/src/graph/kernel_%_v4.o: ISA = -march=x86-64-v4 -mprefer-vector-width=512
endif

$(BUILD)/object/%.o: %.c $(BUILD)/flags | $(BUILD)/checked-build
	@mkdir -p $(@D)
	$(call say,compile)$(CC) $(BASE_CFLAGS) $(OPTIMIZE) $(SANITIZE) $(EXTRA) $(ISA) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/object/embed.o: $(BUILD)/embed.c $(BUILD)/flags | $(BUILD)/checked-build
	@mkdir -p $(@D)
	$(call say,compile)$(CC) $(BASE_CFLAGS) $(OPTIMIZE) $(SANITIZE) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/embed.c: $(EMBEDDED) scripts/embed.lua $(BUILD)/embedded | $(BUILD)/checked-build
	$(call say,embed)$(LUA) scripts/embed.lua $@ $(EMBEDDED)

# A file whose text is what the command prints, and whose time changes only with its text.
remember = @mkdir -p $(@D) && $(1) > $@.new && if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The list of embedded files: one that is gone is noticed too.
$(BUILD)/embedded: FORCE
	$(call remember,printf '%s\n' $(EMBEDDED))

# Other settings compile everything again.
$(BUILD)/flags: FORCE
	$(call remember,printf '%s\n' '$(CC) $(BASE_CFLAGS) $(OPTIMIZE) $(KERNEL_OPTIMIZE) $(SANITIZE) $(CPPFLAGS) $(CFLAGS)')

-include $(LAYER_OBJECTS:.o=.d) $(BIND_OBJECTS:.o=.d) $(MAIN_OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d)

# One sentence says what is missing, before the compiler says it in hundreds.
check = @mkdir -p $(@D) && CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' LUA_CFLAGS='$(LUA_CFLAGS)' \
        READLINE_CFLAGS='$(READLINE_CFLAGS)' CRITERION_CFLAGS='$(CRITERION_CFLAGS)' \
        scripts/setup --check $(1) && touch $@

$(BUILD)/checked-build: scripts/setup
	$(call check,build)

$(BUILD)/checked-test: scripts/setup
	$(call check,test)

# --- tests ------------------------------------------------------------------------------------
SUITES := layers core lua oracle docs session lessons exercises grade install
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# The Python that can type into a pseudo-terminal.
PYTHON ?= $(shell for name in python3 /usr/bin/python3; do \
    $$name -c 'import pexpect' 2>/dev/null && echo $$name && break; done)

# The tests expect letters beyond ASCII whatever the machine's locale is; those about locales set one.
test-% sanitize coverage valgrind: export LC_ALL := C.UTF-8

.PHONY: test tests suites layers sanitize coverage valgrind $(SUITES:%=test-%)

tests: $(CORE_TESTS)

suites:
	@echo $(SUITES)

test: all tests
	@BUILD='$(BUILD)' MAKE='$(MAKE)' scripts/suites $(SUITES)

layers:
	@scripts/layers $(wildcard $(LAYER_OBJECTS))

test-core: $(CORE_TESTS)
	@$(CORE_TESTS)

# Stock Lua must load the module too: tests/lua/test_module.lua.
test-lua: all
	@DESCENT_MODULE='$(abspath $(BUILD)/module)' $(PROGRAM) tests/lua/run.lua

# Numbers from elsewhere: the curriculum, certified fits, PyTorch's and SciPy's answers.
test-oracle: all
	@$(PROGRAM) tests/lua/run.lua $(filter-out %/row.lua %/strd.lua %/python.lua,$(sort $(wildcard tests/oracle/*.lua)))

test-docs: all
	@$(PROGRAM) tests/docs/run.lua

test-session: all
	@$(PYTHON) tests/session/run.py $(PROGRAM)

test-install: all
	@CC='$(CC)' MAKE='$(MAKE)' BUILD='$(BUILD)' tests/install/run.sh

test-lessons: all
	@$(PROGRAM) lesson --auto --lint

test-exercises: all
	@$(PROGRAM) lint --exercises

test-grade: all
	@$(PYTHON) tests/grade/run.py $(PROGRAM)

# Under the sanitizers things take longer; a request beyond all memory is refused, as it is without
# them. Criterion's workers and the leak check do not go together: `make valgrind` looks for leaks.
SANITIZE_SUITES := lua docs session lessons
SANITIZED = BUILD=$(BUILD)/sanitize SANITIZE='$(SANITIZERS)' OPTIMIZE='-O1 -g' KERNEL_OPTIMIZE=
# The plainest loops, which the processors of many students have: the C tests go through all of them.
sanitize: export DESCENT_ISA := x86-64
sanitize: export DESCENT_SLOWER := 10
sanitize: export DESCENT_PLOT_SECONDS := 120
sanitize: export DESCENT_PRELOAD = $(shell $(CC) -print-file-name=libasan.so)
sanitize:
	@failed=0; options=allocator_may_return_null=1; \
	ASAN_OPTIONS=$$options:detect_leaks=0 \
	    $(MAKE) --no-print-directory $(SANITIZED) SUITES=core test || failed=1; \
	ASAN_OPTIONS=$$options \
	    $(MAKE) --no-print-directory $(SANITIZED) SUITES='$(SANITIZE_SUITES)' test || failed=1; \
	exit $$failed

# Which lines the tests run; scripts/coverage --gaps names those that they do not.
COVERAGE_SUITES := core lua oracle docs session lessons exercises grade
coverage: export DESCENT_SLOWER := 10
coverage: export DESCENT_PLOT_SECONDS := 120
coverage:
	@rm -rf $(BUILD)/coverage && mkdir -p $(BUILD)/coverage
	@$(CC) -c -o $(BUILD)/coverage/ends.o scripts/coverage.c
	-@$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage SANITIZE=--coverage OPTIMIZE='-O0 -g' \
	    KERNEL_OPTIMIZE= SUITES='$(COVERAGE_SUITES)' \
	    EXPORT_LINK='-Wl,-E,--wrap=_exit,--wrap=raise $(BUILD)/coverage/ends.o' test
	@scripts/coverage $(BUILD)/coverage/object

valgrind: all tests
	@BUILD='$(BUILD)' scripts/valgrind

# One fuzzer for each file of tests/fuzz (FUZZ='csv graph' chooses), each for so many seconds.
FUZZ ?= $(sort $(basename $(notdir $(wildcard tests/fuzz/*.c))))
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang
FUZZ_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: fuzz fuzzers

fuzz:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC='$(FUZZ_CC)' OPTIMIZE='-O1 -g' KERNEL_OPTIMIZE= \
	    SANITIZE='-fsanitize=fuzzer-no-link $(FUZZ_SANITIZERS)' fuzzers
	@scripts/fuzz $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)

fuzzers: $(FUZZ:%=$(BUILD)/fuzz-%)

$(BUILD)/object/tests/fuzz/%.o: EXTRA = -Itests/core $(call once,LUA_CFLAGS)
$(BUILD)/fuzz-%: $(BUILD)/object/tests/fuzz/%.o $(LAYER_OBJECTS) $(BIND_OBJECTS) \
                 $(BUILD)/object/tests/core/problems.o
	$(call say,link)$(CC) $(LINK) -fsanitize=fuzzer -o $@ $^ $(call once,LUA_LIBS) $(LIBRARIES)

# --- how fast ---------------------------------------------------------------------------------
# Hand-written C is measured at its best, for the processor at hand. BENCH='A1 --rounds 3' and the
# like choose: scripts/bench --help.
BENCH ?=
BENCH_OPTIMIZE ?= -O3 -march=native
BENCH_CFLAGS := -std=gnu11 -Isrc -Itests/bench -pthread $(WARNINGS) -Wno-psabi

.PHONY: bench

bench: all $(BUILD)/bench/limit $(BUILD)/bench/tape $(BUILD)/bench/start
	@scripts/bench --build $(BUILD) $(BENCH)

$(BUILD)/bench/limit: tests/bench/limit.c tests/bench/peer.c src/base/generator.c
$(BUILD)/bench/tape: tests/bench/tape.c tests/bench/peer.c $(LIBRARY)
$(BUILD)/bench/start: tests/bench/start.c
$(BUILD)/bench/%: $(wildcard tests/bench/*.h) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,compile)$(CC) $(BENCH_CFLAGS) $(BENCH_OPTIMIZE) $(CFLAGS) -o $@ \
	    $(filter %.c %.a,$^) $(LIBRARIES)

# --- the rest ---------------------------------------------------------------------------------
.PHONY: format reference staged install uninstall clean

lint:
	@scripts/lint

# The lines that differ from a commit; what was laid out by hand, tables above all, stays.
FORMAT_BASE ?= HEAD
format:
	git clang-format --force --binary $(CLANG_FORMAT) --extensions c,h $(FORMAT_BASE)

INSTALL ?= install
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BASH_COMPLETION ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETION ?= $(PREFIX)/share/zsh/site-functions
VERSION := $(shell sed -n 's/^.define DESCENT_VERSION "\(.*\)"/\1/p' src/base/version.h)

# The pages by hand, and descent(7) from the records that help prints.
MAN_PAGES := $(sort $(wildcard man/*.[1-9]) $(patsubst man/%.in,$(BUILD)/%,$(wildcard man/*.[1-9].in)))
# What src/descent.h reaches.
HEADERS = $(patsubst src/%,%,$(sort $(filter src/%,$(shell $(CC) -Isrc -MM src/descent.h))))

EDITOR_FILES := $(shell find scripts/editor -type f ! -name descent-send)

# file:place:mode of all that is installed; `uninstall` takes away the same.
INSTALLED = $(PROGRAM):$(PREFIX)/bin/descent:755 \
    $(MODULE):$(LIBDIR)/lua/5.4/descent/core.so:644 \
    $(LIBRARY):$(LIBDIR)/libdescent.a:644 \
    $(STAGED)/descent.pc:$(LIBDIR)/pkgconfig/descent.pc:644 \
    scripts/completion.bash:$(BASH_COMPLETION)/descent:644 \
    scripts/completion.zsh:$(ZSH_COMPLETION)/_descent:644 \
    $(foreach file,$(HEADERS),$(STAGED)/include/$(file):$(INCLUDEDIR)/descent/$(file):644) \
    $(foreach file,$(patsubst lua/%,%,$(filter lua/%,$(EMBEDDED))), \
        lua/$(file):$(PREFIX)/share/lua/5.4/$(file):644) \
    $(foreach file,$(filter lessons/%,$(EMBEDDED)), \
        $(file):$(PREFIX)/share/doc/descent/$(file):644) \
    $(foreach file,$(wildcard scripts/examples/*), \
        $(file):$(PREFIX)/share/doc/descent/examples/$(notdir $(file)):644) \
    $(BUILD)/reference.html:$(PREFIX)/share/doc/descent/reference.html:644 \
    $(foreach file,$(ANNOTATIONS), \
        $(file):$(PREFIX)/share/descent/annotations/$(notdir $(file)):644) \
    $(foreach file,$(EDITOR_FILES),$(file):$(PREFIX)/share/descent/$(file:scripts/%=%):644) \
    $(BUILD)/descent.vim:$(PREFIX)/share/descent/editor/vim/syntax/descent.vim:644 \
    scripts/editor/descent-send:$(PREFIX)/bin/descent-send:755 \
    $(foreach page,$(notdir $(MAN_PAGES)), \
        $(STAGED)/$(page):$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(page)))/$(page):644)
STAGED := $(BUILD)/staged

# The reference in all its forms, from one run.
ANNOTATIONS := $(BUILD)/annotations/descent.lua $(BUILD)/annotations/global.lua
REFERENCE := $(BUILD)/reference.md $(BUILD)/reference.html $(BUILD)/descent.7 $(BUILD)/descent.vim \
             $(ANNOTATIONS)

$(BUILD)/descent.7: all man/descent.7.in scripts/reference.lua $(wildcard scripts/reference/*.lua)
	@$(PROGRAM) scripts/reference.lua $(BUILD)

reference: $(BUILD)/descent.7
	@printf '%s\n' $(REFERENCE)

# What is installed with a change: the places in descent.pc, the version in the pages, and headers
# that find each other wherever they lie.
staged: all $(MAN_PAGES)
	@rm -rf $(STAGED) && mkdir -p $(STAGED)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	    -e 's|@VERSION@|$(VERSION)|' scripts/descent.pc.in >$(STAGED)/descent.pc
	@for page in $(MAN_PAGES); do \
	    sed 's|@VERSION@|$(VERSION)|' $$page >$(STAGED)/$$(basename $$page) || exit; done
	@for file in $(HEADERS); do \
	    case $$file in */*) up=../ ;; *) up= ;; esac; \
	    mkdir -p $(STAGED)/include/$$(dirname $$file) && \
	    sed "s|^#include \"|&$$up|" src/$$file >$(STAGED)/include/$$file || exit; done

install: staged
	@scripts/install '$(INSTALL)' '$(DESTDIR)' $(INSTALLED)

uninstall:
	@scripts/install --remove '$(DESTDIR)' $(INSTALLED)

clean:
	rm -rf $(BUILD)
