" SPDX-License-Identifier: GPL-3.0-or-later
" Scripts of descent: *.descent, and Lua files that begin with #!... descent.
autocmd BufNewFile,BufRead *.descent setfiletype descent
autocmd BufNewFile,BufRead *.lua
    \ if getline(1) =~# '^#!.*\<descent\>' | setlocal filetype=descent | endif
