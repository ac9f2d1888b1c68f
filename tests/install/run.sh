#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh: `make install` into a folder of its own, what was installed used from there as a stranger
# would, and `make uninstall`. Ends with 'N passed, N failed'. Of the environment: CC, MAKE, BUILD.

set -u
cd "$(dirname "$0")/../.." || exit

CC=${CC:-cc} MAKE=${MAKE:-make} BUILD=${BUILD:-build}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/descent-install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# check NAME COMMAND...: the command succeeds; what it prints is shown where it does not.
check() {
    local name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n' "$name"
        tail -n 20 "$scratch/output"
    fi
}

same() { [ "$1" = "$2" ] || { printf 'got:      %s\nexpected: %s\n' "$1" "$2"; return 1; }; }

make_quietly() { "$MAKE" --no-print-directory -s BUILD="$BUILD" CC="$CC" "$@"; }

# --- under a prefix, used from there ------------------------------------------------------------
prefix=$scratch/usr
version=$(sed -n 's/^.define DESCENT_VERSION "\(.*\)"/\1/p' src/base/version.h)
check 'install under PREFIX' make_quietly install PREFIX="$prefix"

export PATH=$prefix/bin:$PATH PKG_CONFIG_PATH=$prefix/lib/pkgconfig HOME=$scratch/home
mkdir -p "$HOME" "$scratch/elsewhere"
unset DESCENT_PATH DESCENT_MODULE LUA_PATH LUA_CPATH

program_runs() { (cd "$scratch/elsewhere" && same "$(descent -e 'print(2*21)')" 42); }
check 'the program runs from elsewhere' program_runs

version_of_program() { same "$(descent --version | cut -d ' ' -f 2)" "$version"; }
check 'version of the program' version_of_program

version_of_pages() {
    local page
    for page in descent.1 descent.7; do
        grep -q "^\.TH DESCENT . \"\" \"descent $version\"" "$prefix/share/man/man${page##*.}/$page" ||
            return
    done
}
check 'version of the man pages' version_of_pages

pkg_config=${PKG_CONFIG:-pkg-config}
version_of_library() { same "$($pkg_config --modversion descent)" "$version"; }
check 'version of the library' version_of_library

program_of_somebody() {
    # shellcheck disable=SC2046,SC2086  # lists of words
    (cp tests/install/program.c "$scratch/elsewhere" && cd "$scratch/elsewhere" &&
        $CC -std=c11 -Wall -Wextra -Wpedantic -Werror ${SANITIZE:-} -o program program.c \
            $($pkg_config --cflags --libs descent) && same "$(./program)" "$version")
}
check 'a C program against the installed library' program_of_somebody

example_of_library() {
    # shellcheck disable=SC2046,SC2086  # lists of words
    (cd "$scratch/elsewhere" &&
        $CC -std=c11 -Wall -Wextra -Wpedantic -Werror ${SANITIZE:-} -o library \
            "$prefix/share/doc/descent/examples/library.c" $($pkg_config --cflags --libs descent) &&
        same "$(./library)" "$(descent -e 'local r = descend(
            loss.least_squares(model.line, data.line12), optim.adam{alpha = 0.05},
            {start = {1.6, -0.5}, batch = 4, seed = 1}):step(300)
            print(("t = %d: L = %.6f at phi0 = %.6f, phi1 = %.6f"):format(r.t, r.loss, r.phi[1],
                r.phi[2]))')")
}
check 'the example program does what its lines do at the prompt' example_of_library

each_header_alone() {
    local header
    while IFS= read -r header; do
        printf '#include "%s"\n' "$header" |
            $CC -std=c11 -D_XOPEN_SOURCE=700 -Werror -fsyntax-only -x c - || return
    done < <(find "$prefix/include/descent" -name '*.h')
}
check 'each installed header compiles alone' each_header_alone

lua=
for name in lua5.4 lua54 lua-5.4 lua; do
    command -v "$name" >/dev/null && "$name" -v 2>&1 | grep -q 'Lua 5\.4' && lua=$name && break
done
stock_lua() {
    (cd "$scratch/elsewhere" &&
        LUA_PATH="$prefix/share/lua/5.4/?.lua;$prefix/share/lua/5.4/?/init.lua" \
            LUA_CPATH="$prefix/lib/lua/5.4/?.so" "$lua" -e '
            local d = require "descent"
            local r = d.fit(d.loss.least_squares(d.model.line, d.data.line12), d.optim.newton{},
                {start = {0, 0}, steps = 1})
            assert(#r.phi == 2 and r.t == 1)')
}
[ -z "$lua" ] || check 'the module in stock Lua' stock_lua

lessons_there() { [ -e "$prefix/share/doc/descent/lessons/01-line.lua" ] && descent lesson line --lint; }
check 'lessons' lessons_there

# completed WORDS...: what bash's completion offers for the last word of this command line.
completed() {
    bash -c '
        source "$0" || exit
        compopt() { :; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _descent
        printf "%s\n" "${COMPREPLY[@]}"' "$prefix/share/bash-completion/completions/descent" "$@"
}
completes_in_bash() {
    completed descent les | grep -qx lesson && completed descent lesson ada | grep -qx adam &&
        completed descent - | grep -qx -- -e
}
check 'completion in bash' completes_in_bash

# offered_in_zsh WORDS...: the same of zsh, whose own functions only completion itself may call.
offered_in_zsh() {
    # shellcheck disable=SC2016  # the quoted dollars are for zsh
    zsh -f -c '
        compadd() { print -rl -- ${(P)@[-1]} }
        _files() { :; }
        _arguments() { (( CURRENT == 2 )) && _descent_first }
        words=("$@[2,-1]") CURRENT=$(($# - 1)) PREFIX=$@[-1]
        source "$1"' zsh "$prefix/share/zsh/site-functions/_descent" "$@"
}
completes_in_zsh() {
    offered_in_zsh descent les | grep -qx lesson && offered_in_zsh descent lesson '' | grep -qx adam &&
        offered_in_zsh descent lesson - | grep -qx -- --auto
}
if command -v zsh >/dev/null; then check 'completion in zsh' completes_in_zsh; fi

pages_are_clean() {
    local page problems
    command -v man >/dev/null || return 0
    for page in "$prefix"/share/man/man[1-9]/*; do
        problems=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
            man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$problems" ] || { echo "$page: $problems"; return 1; }
    done
}
check 'man pages without warnings' pages_are_clean

check 'install again over itself' make_quietly install PREFIX="$prefix"
check 'uninstall under PREFIX' make_quietly uninstall PREFIX="$prefix"
nothing_left() { same "$(find "$1" ! -type d -o -path '*/descent' | head -n 5)" ''; }
check 'nothing of descent is left under PREFIX' nothing_left "$prefix"
check 'uninstall of what is not there' make_quietly uninstall PREFIX="$prefix"

# --- staged, as packages do it ------------------------------------------------------------------
stage="$scratch/a stage"
mkdir "$stage"
check 'install under DESTDIR' make_quietly install PREFIX=/usr LIBDIR=/usr/lib/some-machine \
    DESTDIR="$stage"
names_no_stage() { same "$(grep -rlF "$scratch" "$stage" --include=*.pc --include=*.h)" ''; }
check 'files do not name DESTDIR' names_no_stage
places() {
    local place
    for place in bin/descent lib/some-machine/libdescent.a lib/some-machine/pkgconfig/descent.pc \
        lib/some-machine/lua/5.4/descent/core.so share/lua/5.4/descent/init.lua \
        include/descent/descent.h share/man/man1/descent.1; do
        [ -f "$stage/usr/$place" ] || { echo "$place is missing"; return 1; }
    done
    grep -qx 'libdir=/usr/lib/some-machine' "$stage/usr/lib/some-machine/pkgconfig/descent.pc"
}
check 'files are where LIBDIR and PREFIX say' places
check 'uninstall under DESTDIR' make_quietly uninstall PREFIX=/usr LIBDIR=/usr/lib/some-machine \
    DESTDIR="$stage"
empty_stage() { same "$(find "$stage" -mindepth 1 | head -n 5)" ''; }
check 'nothing at all is left under DESTDIR' empty_stage

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
