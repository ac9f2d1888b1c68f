# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of descent's command line in bash.

_descent() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local IFS=$'\n'
    COMPREPLY=()
    case $before in
    -e) return ;;
    lesson)
        # Lessons are named by what follows the number: lessons/01-line.lua is "line".
        local names
        names=$(descent -e 'for _, n in ipairs(require("descent.core").resources()) do
            n = n:match("^lessons/%d+%-(.+)%.lua$") if n then print(n) end end' 2>/dev/null)
        mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
        return
        ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W $'-e\n-l\n-i\n-v\n-h\n--auto' -- "$word")
        return
    fi
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -X '!*.lua' -- "$word"; compgen -d -- "$word")
    if ((COMP_CWORD == 1)); then
        local verb
        while read -r verb; do COMPREPLY+=("$verb"); done < <(compgen -W "lesson" -- "$word")
    fi
}

complete -F _descent descent
