# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of descent's command line in bash.

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

_descent() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=''
    COMPREPLY=()
    if [[ $before == -e ]]; then
        return
    elif [[ ${COMP_WORDS[1]} == lesson ]] && ((COMP_CWORD > 1)); then
        words="--auto --lint --coverage --html --markdown --teacher"
        [[ $word == -* ]] || words=$(_descent_names '^lessons/%d+%-(.+)%.lua$')
    elif [[ ${COMP_WORDS[1]} == exercise ]] && ((COMP_CWORD > 1)); then
        words="--task --hint --solution"
        [[ $word == -* ]] || words=$(_descent_names '^lessons/exercises/([^.]+)%.lua$')
    elif [[ ${COMP_WORDS[1]} == check && $word == -* ]]; then
        words="--watch --tolerance"
    elif [[ ${COMP_WORDS[1]} == grade ]] && ((COMP_CWORD == 2)); then
        words=$(_descent_names '^lessons/exercises/([^.]+)%.lua$')
    elif [[ ${COMP_WORDS[1]} == grade && $word == -* ]]; then
        words="-j --seconds --memory --json --csv --junit --tap --html --no-times --diff --from --unsafe"
    elif [[ $word == -* ]]; then
        words="-e -l -i -v -h"
    elif ((COMP_CWORD == 1)); then
        words=$(_descent_names '^descent%.cli%.(.+)$')
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [[ $word != -* && ${COMP_WORDS[1]} != lesson ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(
            compgen -f -X '!*.lua' -- "$word"
            compgen -d -- "$word"
        )
    fi
}

complete -F _descent descent
