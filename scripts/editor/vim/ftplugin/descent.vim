" SPDX-License-Identifier: GPL-3.0-or-later
" Scripts of descent are Lua; <LocalLeader>s sends the paragraph, or what is selected.
if exists('b:did_ftplugin')
  finish
endif
runtime! ftplugin/lua.vim
runtime! indent/lua.vim

nnoremap <buffer> <LocalLeader>s vip:DescentSend<CR>
xnoremap <buffer> <LocalLeader>s :DescentSend<CR>
nnoremap <buffer> <LocalLeader>l :DescentSend<CR>
nnoremap <buffer> <LocalLeader>a :%DescentSend<CR>
