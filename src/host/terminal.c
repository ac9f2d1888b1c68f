/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/terminal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct terminal_size terminal_size(int descriptor)
{
    struct terminal_size size = {.columns = 80, .rows = 24};
    struct winsize window;
    if (ioctl(descriptor, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0)
        return size;
    size.columns = window.ws_col;
    size.rows = window.ws_row;
    size.pixels_wide = window.ws_xpixel;
    size.pixels_high = window.ws_ypixel;
    return size;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool send_all(const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        ssize_t sent = write(STDOUT_FILENO, text, size);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        text += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* The answer to ESC [ c is ESC [ ? digits and semicolons c. Returns its end, 0: not there yet. */
static size_t attributes_end(const char *answer, size_t size)
{
    for (size_t i = 0; i + 3 < size; i++) {
        if (memcmp(answer + i, "\033[?", 3) != 0)
            continue;
        size_t end = i + 3 + strspn(answer + i + 3, "0123456789;");
        if (answer[end] == 'c')
            return end + 1;
    }
    return 0;
}

enum { ANSWER_SECONDS = 1 }; /* that a terminal may take to end what it has begun to say */

bool terminal_ask(const char *query, char *answer, size_t size, double seconds, size_t *length)
{
    *length = 0;
    if (size == 0)
        return false;
    answer[0] = '\0';
    struct termios before;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    /* A background job would be stopped by changing the terminal. */
    if (tcgetpgrp(STDIN_FILENO) != getpgrp())
        return false;

    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return false;

    bool asked = false;
    size_t used = 0;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    /* Typed-ahead keys are left alone (they show only outside the canonical mode). */
    if (poll(&input, 1, 0) == 0 && send_all(query) && send_all("\033[c")) {
        asked = true;
        double start = now(), deadline = start + seconds;
        while (used + 1 < size && attributes_end(answer, used) == 0) {
            double left = deadline - now();
            if (left <= 0)
                break;
            int ready = poll(&input, 1, 1 + (int)(left * 1000));
            if (ready < 0 && errno == EINTR)
                continue;
            if (ready <= 0)
                break;
            /* Byte by byte: keys typed behind the answer stay in the queue. */
            ssize_t got = read(STDIN_FILENO, answer + used, 1);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            used += (size_t)got;
            answer[used] = '\0';
            /* The rest would otherwise be read as keys. */
            if (used == 1 && deadline < start + ANSWER_SECONDS)
                deadline = start + ANSWER_SECONDS;
        }
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    *length = used;
    return asked;
}

/* The length of the sequence of escape at `text`, which begins with ESC; *key: a key sends it. */
static size_t sequence(const char *text, size_t size, bool *key)
{
    *key = true;
    if (size < 2)
        return size;
    if (strchr("]P_^X", text[1])) { /* a string, up to BEL or ESC \\ */
        *key = false;
        for (size_t i = 2; i < size; i++) {
            if (text[i] == '\a')
                return i + 1;
            if (text[i] == '\033' && i + 1 < size)
                return i + 2;
        }
        return size;
    }
    if (text[1] == 'O')
        return size < 3 ? size : 3;
    if (text[1] != '[')
        return 2;
    size_t end = 2 + strspn(text + 2, "0123456789;:<=>?!$ ");
    if (end >= size)
        return size;
    *key = text[2] != '?' && text[2] != '>' && strchr("ABCDEFGHPQRSZ~u", text[end]);
    return end + 1;
}

size_t terminal_keep_keys(struct context *context, char *answer, size_t size)
{
    size_t left = 0;
    for (size_t at = 0; at < size;) {
        bool key = true;
        size_t length = answer[at] == '\033' ? sequence(answer + at, size - at, &key) : 1;
        for (size_t i = at; i < at + length; i++) {
            if (!key)
                answer[left++] = answer[i];
            else if (context->keys.count < sizeof context->keys.bytes)
                context->keys.bytes[context->keys.count++] = answer[i];
        }
        at += length;
    }
    answer[left] = '\0';
    return left;
}

int terminal_kept_key(struct context *context)
{
    if (context->keys.count == 0)
        return -1;
    unsigned char key = (unsigned char)context->keys.bytes[0];
    context->keys.count--;
    memmove(context->keys.bytes, context->keys.bytes + 1, context->keys.count);
    return key;
}

bool terminal_keys_open(struct terminal_keys *keys)
{
    keys->open = false;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &keys->before) != 0 || tcgetpgrp(STDIN_FILENO) != getpgrp())
        return false;
    struct termios raw = keys->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    keys->open = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    return keys->open;
}

size_t terminal_keys_read(struct context *context, struct terminal_keys *keys, char *bytes,
                          size_t size, double seconds)
{
    if (!keys->open || size == 0)
        return 0;
    size_t kept = 0;
    for (int key; kept < size && (key = terminal_kept_key(context)) >= 0;)
        bytes[kept++] = (char)key;
    if (kept > 0)
        return kept;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, seconds > 0 ? 1 + (int)(seconds * 1000) : 0) <= 0)
        return 0;
    ssize_t got = read(STDIN_FILENO, bytes, size);
    if (got > 0)
        return (size_t)got;
    if (got < 0 && errno == EINTR)
        return 0;
    bytes[0] = 4;
    return 1;
}

void terminal_keys_close(struct terminal_keys *keys)
{
    if (keys->open)
        tcsetattr(STDIN_FILENO, TCSANOW, &keys->before);
    keys->open = false;
}
