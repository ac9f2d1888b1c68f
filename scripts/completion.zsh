#compdef descent
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of descent's command line in zsh.

# The names that a pattern finds among the program's own files.
_descent_names() {
    descent -e "local core = require 'descent.core'
        for _, list in ipairs { core.modules, core.resources() } do
            for _, name in ipairs(list) do
                name = name:match('$1')
                if name then print(name) end
            end
        end" 2>/dev/null </dev/null
}

_descent_first() {
    local -a names
    names=(${(f)"$(_descent_names '^descent%.cli%.(.+)$')"})
    (( $#names )) && compadd -a names
    _files -g '*.lua'
}

_descent_rest() {
    local -a names
    if [[ $words[2] == lesson ]]; then
        if [[ $PREFIX == -* ]]; then
            names=(--auto --lint --coverage --html --markdown --teacher)
        else
            names=(${(f)"$(_descent_names '^lessons/%d+%-(.+)%.lua$')"})
        fi
        compadd -a names
    elif [[ $words[2] == exercise ]]; then
        if [[ $PREFIX == -* ]]; then
            names=(--task --hint --solution)
        else
            names=(${(f)"$(_descent_names '^lessons/exercises/([^.]+)%.lua$')"})
        fi
        compadd -a names
    elif [[ $words[2] == grade && $PREFIX == -* ]]; then
        names=(-j --seconds --memory --json --csv --junit --tap --html --no-times --diff --from --unsafe)
        compadd -a names
    elif [[ $words[2] == grade ]] && (( CURRENT == 3 )); then
        names=(${(f)"$(_descent_names '^lessons/exercises/([^.]+)%.lua$')"})
        compadd -a names
    elif [[ $words[2] == check && $PREFIX == -* ]]; then
        names=(--watch --tolerance)
        compadd -a names
    fi
    [[ $PREFIX == -* ]] || _files
}

_descent() {
    if (( CURRENT > 2 )) && [[ $words[2] != -* ]]; then
        _descent_rest
        return
    fi
    _arguments -S \
        '*-e[run code]:code: ' \
        '*-l[require a module]:module: ' \
        '-i[go on at the prompt after the script]' \
        '(-v --version)'{-v,--version}'[print the versions]' \
        '(-h --help)'{-h,--help}'[print a summary of the options]' \
        '-E[leave out the variables of Lua and the start-up file]' \
        '-W[let warn() print]' \
        '1:script or command:_descent_first' \
        '*::argument:_descent_rest'
}

_descent "$@"
