/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/history.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <readline/history.h>

enum { KEPT = 10000 };              /* entries in memory, and in the file after it was cut */
enum { LARGEST = 8 * 1024 * 1024 }; /* bytes after which the file is cut at the next start */

/* The folder descent/ where the state of programs belongs, made if it is missing. */
static bool folder(char *path, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length;
    if (state != NULL && *state == '/')
        length = snprintf(path, size, "%s/descent", state);
    else if (home != NULL && *home != '\0')
        length = snprintf(path, size, "%s/.local/state/descent", home);
    else
        return false;
    if (length < 0 || (size_t)length >= size)
        return false;
    for (char *mark = path + 1; (mark = strchr(mark, '/')) != NULL; mark++) {
        *mark = '\0';
        mkdir(path, 0700);
        *mark = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool file_path(char *path, size_t size)
{
    if (!folder(path, size))
        return false;
    size_t used = strlen(path);
    return (size_t)snprintf(path + used, size - used, "/history") < size - used;
}

/* "#1234567890", alone on its line. */
static bool is_time(const char *line, size_t length)
{
    if (length < 10 || length > 20 || *line != '#')
        return false;
    for (size_t i = 1; i < length; i++)
        if (!isdigit((unsigned char)line[i]))
            return false;
    return true;
}

static void remember(const char *time, size_t time_length, char *entry, char *end)
{
    while (end > entry && end[-1] == '\n')
        end--;
    if (end == entry)
        return;
    char kept = *end;
    *end = '\0';
    add_history(entry);
    *end = kept;
    char text[32];
    snprintf(text, sizeof text, "%.*s", (int)time_length, time);
    add_history_time(text);
}

/* Splits the file's text, which ends with a zero byte that may be written to. */
static void split(char *text, size_t size)
{
    char *end = text + size, *entry = NULL;
    const char *time = NULL;
    size_t time_length = 0;
    for (char *line = text; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        if (is_time(line, (size_t)(stop - line))) {
            if (entry != NULL)
                remember(time, time_length, entry, line);
            time = line;
            time_length = (size_t)(stop - line);
            entry = stop < end ? stop + 1 : end;
        } else if (entry == NULL) { /* a file without times: an entry a line */
            remember("#0000000000", 11, line, stop);
        }
        line = stop + 1;
    }
    if (entry != NULL)
        remember(time, time_length, entry, end);
}

/* Opens and locks the file that has the name now: a session that cuts it gives the name away. */
static int open_locked(const char *path, int flags)
{
    for (;;) {
        struct stat named, opened;
        int file = open(path, flags | O_CLOEXEC, 0600);
        if (file < 0)
            return -1;
        flock(file, LOCK_EX);
        if (stat(path, &named) == 0 && fstat(file, &opened) == 0 && named.st_ino == opened.st_ino &&
            named.st_dev == opened.st_dev)
            return file;
        close(file);
    }
}

/* All in one write, so that what a full disk cuts off is at most the last entry. */
static bool write_entry(int file, const char *time, const char *entry)
{
    size_t size = strlen(time) + strlen(entry) + 3;
    char *text = malloc(size);
    if (text == NULL)
        return false;
    int length = snprintf(text, size, "%s\n%s\n", time, entry);
    bool written = write(file, text, (size_t)length) == length;
    free(text);
    return written;
}

/* Called with the old file locked: writes the entries in memory to a new one that gets the name. */
static void cut(const char *path)
{
    char fresh[4096];
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh)
        return;
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    bool complete = true;
    for (int i = 0; i < history_length; i++) {
        HIST_ENTRY *entry = history_get(history_base + i);
        if (entry != NULL && complete)
            complete = write_entry(
                file, entry->timestamp && *entry->timestamp ? entry->timestamp : "#0000000000",
                entry->line);
    }
    if (close(file) == 0 && complete)
        rename(fresh, path);
    else
        unlink(fresh);
}

void entries_open(void)
{
    char path[4096];
    using_history();
    stifle_history(KEPT);
    if (!file_path(path, sizeof path))
        return;
    int file = open_locked(path, O_RDONLY);
    if (file < 0)
        return;
    struct stat facts;
    if (fstat(file, &facts) == 0 && facts.st_size > 0) {
        size_t size = (size_t)facts.st_size, have = 0;
        char *text = malloc(size + 1);
        while (text != NULL && have < size) {
            ssize_t got = read(file, text + have, size - have);
            if (got <= 0)
                break;
            have += (size_t)got;
        }
        if (text != NULL) {
            for (size_t i = 0; i < have; i++)
                if (text[i] == '\0')
                    text[i] = ' ';
            text[have] = '\0';
            split(text, have);
            if (have > LARGEST)
                cut(path);
        }
        free(text);
    }
    close(file);
}

void entries_add(const char *entry)
{
    if (entry[strspn(entry, " \t\r\n")] == '\0')
        return;
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (last != NULL && strcmp(last->line, entry) == 0)
        return;
    add_history(entry);

    char path[4096], now[32];
    if (!file_path(path, sizeof path))
        return;
    int file = open_locked(path, O_WRONLY | O_APPEND | O_CREAT);
    if (file < 0)
        return;
    fchmod(file, 0600);
    snprintf(now, sizeof now, "#%lld", (long long)time(NULL));
    write_entry(file, now, entry);
    close(file);
}

void entries_offer(const char *entry)
{
    if (entry[strspn(entry, " \t\r\n")] != '\0')
        add_history(entry);
}
