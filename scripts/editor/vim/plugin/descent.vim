" SPDX-License-Identifier: GPL-3.0-or-later
" :Descent          opens a prompt of descent below, in a terminal of Vim or Neovim
" :[range]DescentSend sends lines (the current one without a range) to it, as one paste; without
"                   such a prompt to the one that runs in tmux, by descent-send
" For buffers of Lua too: nnoremap <LocalLeader>s vip:DescentSend<CR>
if exists('g:loaded_descent')
  finish
endif
let g:loaded_descent = 1
let s:folder = expand('<sfile>:p:h:h:h')
let s:prompt = -1

function! s:Open(...) abort
  let l:command = get(g:, 'descent_command', 'descent')
  if has('nvim')
    botright 15new
    call termopen(l:command)
    let s:prompt = bufnr('%')
    normal! G
    wincmd p
  else
    botright let s:prompt = term_start(l:command, {'term_rows': 15, 'term_name': 'descent',
        \ 'term_finish': 'close'})
    wincmd p
  endif
endfunction

function! s:Runs() abort
  if s:prompt < 0 || !bufexists(s:prompt)
    return 0
  elseif has('nvim')
    return jobwait([getbufvar(s:prompt, '&channel')], 0)[0] == -1
  endif
  return term_getstatus(s:prompt) =~# 'running'
endfunction

function! s:Send(first, last) abort
  let l:text = join(getline(a:first, a:last), "\n")
  if l:text !~# '\S'
    return
  endif
  if s:Runs()
    " The marks of a paste: all lines are one block to the prompt.
    let l:keys = "\<Esc>[200~" . l:text . "\<Esc>[201~\r"
    if has('nvim')
      call chansend(getbufvar(s:prompt, '&channel'), l:keys)
    else
      call term_sendkeys(s:prompt, l:keys)
    endif
    return
  endif
  let l:sender = executable('descent-send') ? 'descent-send' : s:folder . '/descent-send'
  let l:answer = system(shellescape(l:sender), l:text)
  if v:shell_error
    echohl ErrorMsg | echomsg substitute(l:answer, '\n\+$', '', '') . ' (or :Descent here)'
    echohl None
  endif
endfunction

command! -nargs=0 Descent call s:Open()
command! -range DescentSend call s:Send(<line1>, <line2>)
