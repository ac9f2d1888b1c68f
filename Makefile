# SPDX-License-Identifier: GPL-3.0-or-later
# Targets: all test layers sanitize valgrind format install uninstall clean (see CONTRIBUTING.md).

# --- settings ---------------------------------------------------------------------------------
PREFIX ?= /usr/local
BUILD ?= build
OPTIMIZE ?= -O2 -g
KERNEL_OPTIMIZE ?= -O3
SANITIZE ?=
PKG_CONFIG ?= pkg-config
LUA ?= $(firstword $(foreach name,lua5.4 lua54 lua-5.4 lua,$(shell command -v $(name) 2>/dev/null)))
CLANG_FORMAT ?= clang-format

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wwrite-strings -Wundef

# --- the machine ------------------------------------------------------------------------------
package = $(shell for name in $(2); do $(PKG_CONFIG) $(1) $$name 2>/dev/null && break; done)
LUA_PACKAGES := lua5.4 lua-5.4 lua54 lua
LUA_CFLAGS ?= $(call package,--cflags,$(LUA_PACKAGES))
LUA_LIBS ?= $(or $(call package,--libs,$(LUA_PACKAGES)),-llua)
READLINE_CFLAGS ?= $(call package,--cflags,readline)
READLINE_LIBS ?= $(or $(call package,--libs,readline),-lreadline)
CRITERION_CFLAGS ?= $(call package,--cflags,criterion)
CRITERION_LIBS ?= $(or $(call package,--libs,criterion),-lcriterion)
# Each is asked for once, and only by the commands that need it.
once = $(eval $(1) := $($(1)))$($(1))

ifeq ($(shell uname -s),Darwin)
MODULE_LINK := -bundle -undefined dynamic_lookup
EXPORT_LINK :=
else
MODULE_LINK := -shared
EXPORT_LINK := -Wl,-E
endif

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

$(PROGRAM): $(LAYER_OBJECTS) $(BIND_OBJECTS) $(MAIN_OBJECTS)
	$(call say,link)$(CC) $(LINK) $(EXPORT_LINK) -o $@ $^ $(call once,LUA_LIBS) $(call once,READLINE_LIBS) $(LIBRARIES)

$(MODULE): $(LAYER_OBJECTS) $(BIND_OBJECTS)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LINK) $(MODULE_LINK) -o $@ $^ $(LIBRARIES)

$(LIBRARY): $(LAYER_OBJECTS)
	@rm -f $@
	$(call say,archive)$(AR) rcs $@ $^

$(CORE_TESTS): $(TEST_OBJECTS) $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LINK) -o $@ $^ $(call once,CRITERION_LIBS) $(LIBRARIES)

$(BUILD)/object/src/bind/%.o: EXTRA = $(call once,LUA_CFLAGS)
$(BUILD)/object/src/main.o: EXTRA = $(call once,LUA_CFLAGS)
$(BUILD)/object/src/repl/%.o: EXTRA = $(call once,LUA_CFLAGS) $(call once,READLINE_CFLAGS)
$(BUILD)/object/tests/%.o: EXTRA = -Itests/core $(call once,CRITERION_CFLAGS)
$(BUILD)/object/src/%/kernels.o: OPTIMIZE := $(OPTIMIZE) $(KERNEL_OPTIMIZE)

$(BUILD)/object/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,compile)$(CC) $(BASE_CFLAGS) $(OPTIMIZE) $(SANITIZE) $(EXTRA) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/object/embed.o: $(BUILD)/embed.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,compile)$(CC) $(BASE_CFLAGS) $(OPTIMIZE) $(SANITIZE) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/embed.c: $(EMBEDDED) scripts/embed.lua $(BUILD)/embedded
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

# --- tests ------------------------------------------------------------------------------------
.PHONY: test-core test-lua
test-core: $(CORE_TESTS)
	$(CORE_TESTS)

test-lua: all
	$(PROGRAM) tests/lua/run.lua

.PHONY: clean
clean:
	rm -rf build
