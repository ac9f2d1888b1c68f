;;; descent.el --- Scripts of descent, and a prompt to send them to  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:
;; (load "/usr/local/share/descent/editor/descent.el")
;;
;; Files *.descent open in `descent-mode', which is Lua mode where that is there.
;; C-c C-z opens a prompt; C-c C-c sends the paragraph or region, C-c C-l the line, C-c C-b the
;; buffer, each as one paste.

;;; Code:

(require 'term)

(defgroup descent nil "A laboratory for fitting models." :group 'languages)

(defcustom descent-command "descent"
  "The program that \\[descent-prompt] runs." :type 'string)

(defconst descent-buffer "*descent*")

(defun descent-prompt ()
  "Show the prompt of descent, in a terminal; start it where it does not run."
  (interactive)
  (unless (process-live-p (get-buffer-process (get-buffer descent-buffer)))
    (when (get-buffer descent-buffer) (kill-buffer descent-buffer))
    (save-window-excursion
      (with-current-buffer (make-term "descent" descent-command)
        (term-char-mode)
        ;; As in ansi-term: C-x o leaves, and C-c is descent's own.
        (let (term-escape-char) (term-set-escape-char ?\C-x)))))
  (display-buffer descent-buffer))

(defun descent-send-region (start end)
  "Send the text between START and END to the prompt, as one paste."
  (interactive "r")
  (let ((text (string-trim (buffer-substring-no-properties start end) "\n+" "[ \t\n]+")))
    (unless (string-empty-p text)
      (descent-prompt)
      (term-send-string (get-buffer-process descent-buffer)
                        (concat "\e[200~" text "\e[201~\r")))))

(defun descent-send-block ()
  "Send the region, or else the paragraph at point."
  (interactive)
  (if (use-region-p)
      (descent-send-region (region-beginning) (region-end))
    (descent-send-region (save-excursion (backward-paragraph) (point))
                         (save-excursion (forward-paragraph) (point)))))

(defun descent-send-line ()
  "Send the line at point."
  (interactive)
  (descent-send-region (line-beginning-position) (line-end-position)))

(defun descent-send-buffer ()
  "Send the whole buffer."
  (interactive)
  (descent-send-region (point-min) (point-max)))

(defvar descent-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-z") #'descent-prompt)
    (define-key map (kbd "C-c C-c") #'descent-send-block)
    (define-key map (kbd "C-c C-l") #'descent-send-line)
    (define-key map (kbd "C-c C-b") #'descent-send-buffer)
    map))

(defconst descent-font-lock
  `((,(regexp-opt '("data" "help" "lesson" "loss" "model" "optim" "penalty" "plot" "random"
                    "schedule")
                  'symbols)
     . font-lock-builtin-face)
    (,(regexp-opt '("and" "break" "do" "else" "elseif" "end" "false" "for" "function" "goto" "if"
                    "in" "local" "nil" "not" "or" "repeat" "return" "then" "true" "until" "while")
                  'symbols)
     . font-lock-keyword-face))
  "Where there is no Lua mode.")

(defun descent-parent-mode ()
  "Lua mode, or programming mode with the comments of Lua."
  (if (fboundp 'lua-mode)
      (lua-mode)
    (prog-mode)
    (modify-syntax-entry ?- ". 12")
    (modify-syntax-entry ?\n ">")
    (modify-syntax-entry ?' "\"")
    (setq-local comment-start "-- ")
    (setq-local comment-start-skip "--+[ \t]*")))

;;;###autoload
(define-derived-mode descent-mode descent-parent-mode "descent"
  "Scripts of descent: Lua with names of its own."
  (font-lock-add-keywords nil descent-font-lock))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.descent\\'" . descent-mode))
;;;###autoload
(add-to-list 'interpreter-mode-alist '("descent" . descent-mode))

(provide 'descent)
;;; descent.el ends here
