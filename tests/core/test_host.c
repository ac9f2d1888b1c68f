/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/context.h"
#include "base/memory.h"
#include "host/display.h"
#include "host/file.h"
#include "host/process.h"
#include "host/terminal.h"

static struct context context;
static struct error error;

static void prepare(void)
{
    context_init(&context);
}

static void finish(void)
{
    cr_assert_eq(atomic_load(&context.memory.live), 0, "a block was not given back");
    context_free(&context);
}

TestSuite(host, .init = prepare, .fini = finish);

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

/* --- files --- */

static void make_folder(char *folder)
{
    strcpy(folder, "/tmp/descent-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

/* Removes the folder, which must hold exactly `expected` files: nothing temporary stays behind. */
static void remove_folder(const char *folder, int expected)
{
    int count = 0;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[512];
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        count++;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(entries);
    rmdir(folder);
    cr_assert_eq(count, expected, "%d files instead of %d", count, expected);
}

Test(host, a_file_is_written_whole_and_read_back)
{
    char folder[64], path[128], link_path[128], *bytes;
    size_t size;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/a.bin", folder);
    cr_assert_eq(file_write(&context, path, "a\0b\n", 4, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(file_read(&context, path, &bytes, &size, &error), STATUS_OK);
    cr_assert_eq(size, 4);
    cr_assert_arr_eq(bytes, "a\0b\n", 5);
    memory_free(&context, bytes);

    /* Permissions stay, links are followed, larger than one read. */
    chmod(path, 0640);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    cr_assert_eq(symlink("a.bin", link_path), 0);
    size_t large = 300000;
    char *text = memory_allocate(&context, large, 1);
    memset(text, 'x', large);
    cr_assert_eq(file_write(&context, link_path, text, large, &error), STATUS_OK);
    struct stat about;
    cr_assert_eq(lstat(path, &about), 0);
    cr_assert_eq(about.st_size, 300000);
    cr_assert_eq(about.st_mode & 07777, 0640);
    cr_assert(lstat(link_path, &about) == 0 && S_ISLNK(about.st_mode));
    memory_free(&context, text);
    remove_folder(folder, 2);
}

Test(host, a_file_that_cannot_be_written_is_named_and_nothing_is_left)
{
    char folder[64], path[128];
    make_folder(folder);
    snprintf(path, sizeof path, "%s/none/a.bin", folder);
    cr_assert_eq(file_write(&context, path, "a", 1, &error), STATUS_FILE);
    cr_assert_str_eq(error.where, path);
    cr_assert(strstr(error.text, "no such file or folder"), "%s", error.text);
    cr_assert_eq(file_write(&context, folder, "a", 1, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "it is a folder"), "%s", error.text);
    char name[400];
    snprintf(name, sizeof name, "%s/%0300d", folder, 0);
    cr_assert_eq(file_write(&context, name, "a", 1, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "the name is too long"), "%s", error.text);
    remove_folder(folder, 0);

    cr_assert_eq(file_write(&context, "/dev/full", "a", 1, &error), STATUS_FILE);
    cr_assert_str_eq(error.where, "/dev/full");
    cr_assert(strstr(error.text, "no space left"), "%s", error.text);
    struct stat about;
    cr_assert(stat("/dev/full", &about) == 0 && S_ISCHR(about.st_mode), "the device was replaced");
    cr_assert_eq(file_write(&context, "/dev/null", "a", 1, &error), STATUS_OK);
}

Test(host, a_file_that_cannot_be_read_is_named)
{
    char *bytes;
    size_t size;
    cr_assert_eq(file_read(&context, "/tmp", &bytes, &size, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "it is a folder"), "%s", error.text);
    cr_assert_eq(file_read(&context, "/no/such", &bytes, &size, &error), STATUS_FILE);
    cr_assert_str_eq(error.where, "/no/such");
    cr_assert_null(bytes);
}

Test(host, files_survive_a_failing_allocation)
{
    char folder[64], path[128], *bytes;
    size_t size;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/a", folder);
    cr_assert_eq(file_write(&context, path, "old", 3, &error), STATUS_OK);
    context.memory.fail_at = context.memory.requests + 1;
    cr_assert_eq(file_write(&context, path, "new", 3, &error), STATUS_MEMORY);
    cr_assert_eq(file_read(&context, path, &bytes, &size, &error), STATUS_MEMORY);
    context.memory.fail_at = 0;
    cr_assert_eq(file_read(&context, path, &bytes, &size, &error), STATUS_OK);
    cr_assert_str_eq(bytes, "old");
    memory_free(&context, bytes);
    remove_folder(folder, 1);
}

Test(host, a_temporary_file_is_private)
{
    char path[128];
    struct stat about;
    cr_assert_eq(file_temporary(&context, "abc", 3, path, sizeof path, &error), STATUS_OK);
    cr_assert_eq(stat(path, &about), 0);
    cr_assert_eq(about.st_size, 3);
    cr_assert_eq(about.st_mode & 07777, 0600);
    unlink(path);
    cr_assert_eq(file_temporary(&context, "abc", 3, path, 5, &error), STATUS_FILE);
}

/* --- processes --- */

static const char *const shell[] = {"sh", NULL};

static void start(struct process *process, const char *const *arguments)
{
    enum status status = process_start(process, &context, arguments, NULL, &error);
    cr_assert_eq(status, STATUS_OK, "%s: %s", error.where, error.text);
}

static enum status ask(struct process *process, const char *text, double seconds,
                       struct process_answer *answer)
{
    return process_ask(process, text, strlen(text), "@END\n", true, true, seconds, answer, &error);
}

static void forget(struct process_answer *answer)
{
    memory_free(&context, answer->output);
    memory_free(&context, answer->errors);
}

/* No child is left, neither running nor as a zombie. */
static void no_child(void)
{
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(errno, ECHILD);
}

Test(host, a_child_answers_on_both_streams)
{
    int before = open_descriptors();
    struct process process;
    struct process_answer answer;
    start(&process, shell);
    for (int i = 0; i < 3; i++) {
        const char *text = "printf 'a\\0b@ENd'; echo wrong >&2; echo '@END' >&2; echo @END\n";
        cr_assert_eq(ask(&process, text, 5, &answer), STATUS_OK, "%s", error.text);
        cr_assert_eq(answer.output_size, 7);
        cr_assert_arr_eq(answer.output, "a\0b@ENd", 7);
        cr_assert_str_eq(answer.errors, "wrong\n");
        forget(&answer);
    }
    cr_assert(process_alive(&process));
    cr_assert_eq(getpgid(process.pid), process.pid);
    process_stop(&process);
    process_stop(&process);
    cr_assert_not(process_alive(&process));
    no_child();
    cr_assert_eq(open_descriptors(), before);
}

Test(host, a_child_that_is_released_lives_on)
{
    int before = open_descriptors();
    char path[64], text[256];
    snprintf(path, sizeof path, "/tmp/descent-released-%d", (int)getpid());
    unlink(path);
    snprintf(text, sizeof text, "(sleep 0.2; echo x >%s) & echo '@END' >&2; echo @END\n", path);
    struct process process;
    struct process_answer answer;
    start(&process, shell);
    cr_assert_eq(ask(&process, text, 5, &answer), STATUS_OK, "%s", error.text);
    forget(&answer);
    cr_assert_neq(access(path, F_OK), 0);
    process_release(&process);
    cr_assert_not(process_alive(&process));
    cr_assert_eq(open_descriptors(), before);
    for (double until = now() + 10; access(path, F_OK) != 0 && now() < until;)
        poll(NULL, 0, 10);
    cr_assert_eq(unlink(path), 0, "it has been ended");
    waitpid(-1, NULL, 0);
}

Test(host, much_in_both_directions_does_not_lock)
{
    struct process process;
    struct process_answer answer;
    start(&process, (const char *const[]){"tee", "/dev/stderr", NULL});
    size_t size = 2000000;
    char *text = memory_allocate(&context, size, 1);
    for (size_t i = 0; i < size; i++)
        text[i] = i % 80 == 79 ? '\n' : (char)('a' + i % 23);
    memcpy(text + size - 6, "\n@END\n", 6);
    enum status status = process_ask(&process, text, size, "@END\n", true, true, 20, &answer,
                                     &error);
    cr_assert_eq(status, STATUS_OK, "%s", error.text);
    cr_assert_eq(answer.output_size, size - 5);
    cr_assert_eq(answer.errors_size, size - 5);
    cr_assert_arr_eq(answer.errors, text, size - 5);
    forget(&answer);
    memory_free(&context, text);
    process_stop(&process);
    no_child();
}

Test(host, a_program_that_cannot_be_started_says_why)
{
    int before = open_descriptors();
    struct process process;
    const char *const missing[] = {"no-such-program-here", NULL};
    cr_assert_eq(process_start(&process, &context, missing, NULL, &error), STATUS_FILE);
    cr_assert_str_eq(error.where, "no-such-program-here");
    cr_assert_str_eq(error.text, "is not installed");
    const char *const folder[] = {"/tmp", NULL};
    cr_assert_eq(process_start(&process, &context, folder, NULL, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "permission denied"), "%s", error.text);
    cr_assert_eq(process.pid, 0);
    process_stop(&process);
    no_child();
    cr_assert_eq(open_descriptors(), before);
}

Test(host, a_child_sees_the_added_environment)
{
    struct process process;
    struct process_answer answer;
    const char *const added[] = {"DESCENT_A=one two", "HOME=/nowhere", NULL};
    setenv("DESCENT_A", "old", 1);
    setenv("DESCENT_B", "kept", 1);
    cr_assert_eq(process_start(&process, &context, shell, added, &error), STATUS_OK);
    const char *text = "echo \"$DESCENT_A,$DESCENT_B,$HOME\"; echo @END; echo @END >&2\n";
    cr_assert_eq(ask(&process, text, 5, &answer), STATUS_OK);
    cr_assert_str_eq(answer.output, "one two,kept,/nowhere\n");
    forget(&answer);
    process_stop(&process);
}

Test(host, a_dying_child_is_an_error_and_no_signal)
{
    struct process process;
    struct process_answer answer;
    start(&process, shell);
    cr_assert_eq(ask(&process, "exit 3\n", 5, &answer), STATUS_FILE);
    cr_assert_str_eq(error.text, "the child process ended with exit code 3");
    cr_assert_eq(process.pid, 0);
    cr_assert_eq(ask(&process, "echo\n", 5, &answer), STATUS_FILE);
    no_child();

    start(&process, shell);
    kill(process.pid, SIGKILL);
    cr_assert_eq(ask(&process, "echo @END; echo @END >&2\n", 5, &answer), STATUS_FILE);
    cr_assert_str_eq(error.text, "the child process was ended by signal 9");
    no_child();
    cr_assert_not(process_alive(&process));
    process_stop(&process);
}

Test(host, a_late_child_is_interrupted_and_lives_or_is_killed)
{
    struct process process;
    struct process_answer answer;
    start(&process, shell);
    double before = now();
    const char *text = "trap 'echo late; echo @END; echo @END >&2' INT; sleep 30\n";
    cr_assert_eq(ask(&process, text, 0.2, &answer), STATUS_FILE);
    cr_assert_str_eq(error.text, "the child process did not answer within 0.2 seconds");
    cr_assert_lt(now() - before, 1.5);
    cr_assert(process_alive(&process), "it answered SIGINT and may live");
    cr_assert_eq(ask(&process, "echo next; echo @END; echo @END >&2\n", 5, &answer), STATUS_OK);
    cr_assert_str_eq(answer.output, "next\n");
    forget(&answer);

    before = now();
    cr_assert_eq(ask(&process, "trap '' INT; while :; do :; done\n", 0.2, &answer), STATUS_FILE);
    cr_assert_lt(now() - before, 2.5);
    cr_assert_not(process_alive(&process));

    start(&process, shell);
    kill(process.pid, SIGSTOP);
    before = now();
    cr_assert_eq(ask(&process, "echo @END; echo @END >&2\n", 0.2, &answer), STATUS_FILE);
    cr_assert_lt(now() - before, 2.5);
    no_child();
}

Test(host, an_interrupt_ends_the_waiting)
{
    struct process process;
    struct process_answer answer;
    start(&process, shell);
    atomic_store(&context.interrupted, 1);
    double before = now();
    cr_assert_eq(ask(&process, "sleep 30\n", 30, &answer), STATUS_INTERRUPTED);
    cr_assert_lt(now() - before, 2);
    cr_assert_eq(atomic_load(&context.interrupted), 0);
    process_stop(&process);
    no_child();
}

Test(host, a_child_that_keeps_running_is_ended)
{
    struct process process;
    start(&process, (const char *const[]){"sleep", "60", NULL});
    double before = now();
    process_stop(&process);
    cr_assert_lt(now() - before, 2);
    no_child();
}

Test(host, processes_survive_failing_allocations)
{
    size_t n = 1;
    for (; n < 50; n++) {
        struct process process;
        struct process_answer answer;
        context.memory.fail_at = context.memory.requests + n;
        enum status status = process_start(&process, &context, shell, NULL, &error);
        if (status == STATUS_OK) {
            status = ask(&process, "echo 1; echo @END; echo @END >&2\n", 5, &answer);
            forget(&answer);
        }
        process_stop(&process);
        context.memory.fail_at = 0;
        if (status == STATUS_OK)
            break;
        cr_assert_eq(status, STATUS_MEMORY, "%s", error.text);
    }
    cr_assert(n > 1 && n < 50);
    no_child();
}

/* --- terminals --- */

/* Runs `child` with a pseudo-terminal as its input and output; returns our side. */
static int on_terminal(void (*child)(void), pid_t *pid)
{
    int ours = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
    char *name = ptsname(ours);
    *pid = fork();
    if (*pid == 0) {
        setsid();
        int theirs = open(name, O_RDWR); /* becomes the controlling terminal */
        dup2(theirs, 0);
        dup2(theirs, 1);
        close(ours);
        child();
        _exit(0);
    }
    return ours;
}

static size_t read_until(int descriptor, const char *end, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    while (used + 1 < size && !strstr(text, end)) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        if (poll(&wait, 1, 3000) <= 0)
            break;
        ssize_t got = read(descriptor, text + used, size - used - 1);
        if (got <= 0)
            break;
        used += (size_t)got;
        text[used] = '\0';
    }
    return used;
}

static void question(void)
{
    char answer[256], *at = answer;
    struct termios before, after;
    tcgetattr(0, &before);
    size_t size;
    terminal_ask("\033]11;?\033\\", answer, sizeof answer, 2, &size);
    tcgetattr(0, &after);
    printf("%zu:", size);
    for (; *at; at++)
        putchar(*at == '\033' ? '!' : *at);
    printf(":%d:done", before.c_lflag == after.c_lflag);
    fflush(stdout);
}

Test(host, a_terminal_is_asked_and_put_back)
{
    pid_t pid;
    char text[512];
    int terminal = on_terminal(question, &pid);
    read_until(terminal, "\033[c", text, sizeof text);
    cr_assert_str_eq(text, "\033]11;?\033\\\033[c");
    const char *reply = "\033]11;rgb:1010/1414/1818\033\\\033[?62;4c";
    cr_assert_eq(write(terminal, reply, strlen(reply)), (ssize_t)strlen(reply));
    read_until(terminal, "done", text, sizeof text);
    cr_assert_str_eq(text, "33:!]11;rgb:1010/1414/1818!\\![?62;4c:1:done");
    close(terminal);
    waitpid(pid, NULL, 0);
}

static void impatient(void)
{
    char answer[256], keys[16] = "";
    char go;
    if (read(0, &go, 1) != 1 || read(0, &go, 1) != 1) /* "g\n": the keys behind it are there */
        _exit(1);
    double before = now();
    size_t size;
    bool asked = terminal_ask("\033[>q", answer, sizeof answer, 2, &size);
    bool quick = now() - before < 1;
    ssize_t got = read(0, keys, sizeof keys - 1);
    printf("%d:%zu:%d:%zd:%.2s:done", asked, size, quick, got, keys);
    fflush(stdout);
}

Test(host, keys_typed_ahead_are_left_alone)
{
    pid_t pid;
    char text[512];
    int terminal = on_terminal(impatient, &pid);
    cr_assert_eq(write(terminal, "g\nab\n", 5), 5);
    read_until(terminal, "done", text, sizeof text);
    cr_assert(strstr(text, "0:0:1:3:ab:done"), "%s", text);
    cr_assert_null(strstr(text, "\033[>q"), "asked although keys were waiting");
    close(terminal);
    waitpid(pid, NULL, 0);
}

static void silent(void)
{
    char answer[64];
    double before = now();
    size_t size;
    bool asked = terminal_ask("", answer, sizeof answer, 0.1, &size);
    printf("%d:%zu:%d:done", asked, size, now() - before < 1);
    fflush(stdout);
}

Test(host, a_silent_terminal_is_not_waited_for)
{
    pid_t pid;
    char text[512];
    int terminal = on_terminal(silent, &pid);
    read_until(terminal, "done", text, sizeof text);
    cr_assert(strstr(text, "1:0:1:done"), "%s", text);
    close(terminal);
    waitpid(pid, NULL, 0);
}

Test(host, what_is_no_terminal_is_80_by_24)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct terminal_size size = terminal_size(ends[0]);
    cr_assert_eq(size.columns, 80);
    cr_assert_eq(size.rows, 24);
    char answer[16];
    size_t length;
    close(0);
    cr_assert_not(terminal_ask("x", answer, sizeof answer, 1, &length));
    cr_assert_eq(length, 0);
}

Test(host, keys_are_taken_out_of_an_answer)
{
    char text[] = "a\033[?62;4c\033[Ab\033_Gi=31;OK\033\\\033]11;rgb:1/2/3\ac\033OB"
                  "\033P1$r0m\033\\\033[6;17;8td\303\251\033[1;5C";
    size_t size = terminal_keep_keys(&context, text, sizeof text - 1);
    cr_assert_str_eq(text, "\033[?62;4c\033_Gi=31;OK\033\\\033]11;rgb:1/2/3\a\033P1$r0m\033\\"
                           "\033[6;17;8t");
    cr_assert_eq(size, strlen(text));
    char keys[64];
    size_t count = 0;
    for (int key; (key = terminal_kept_key(&context)) >= 0;)
        keys[count++] = (char)key;
    keys[count] = '\0';
    cr_assert_str_eq(keys, "a\033[Abc\033OBd\303\251\033[1;5C");
    /* What is cut off, and more than there is room for. */
    char cut[] = "\033[";
    cr_assert_eq(terminal_keep_keys(&context, cut, 2), 0);
    char many[200];
    memset(many, 'x', sizeof many);
    many[199] = '\0';
    cr_assert_eq(terminal_keep_keys(&context, many, 199), 0);
    for (count = 0; terminal_kept_key(&context) >= 0;)
        count++;
    cr_assert_eq(count, 64);
}

/* --- displays --- */

/* A server at a socket of that name: answers `greeting` (if any) to the first bytes, and stays. */
static pid_t serve(const char *path, const char *greeting, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    cr_assert_eq(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(server, 4), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int client = accept(server, NULL, NULL);
        char asked[12];
        ssize_t got = read(client, asked, sizeof asked);
        if (got == 12 && size > 0)
            got = write(client, greeting, size);
        pause();
        _exit(got < 0);
    }
    close(server);
    return pid;
}

static void end_server(pid_t pid, const char *path)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unlink(path);
}

Test(host, a_display_is_open_when_it_answers)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/descent-display-%d", (int)getpid());
    /* A path as a name: what macOS has. */
    pid_t pid = serve(path, "\1\0\13\0", 4);
    cr_assert(display_x11_answers(path, 2));
    end_server(pid, path);
    cr_assert_not(display_x11_answers(path, 2), "nobody is there any more");

    pid = serve(path, "", 0);
    double before = now();
    cr_assert_not(display_x11_answers(path, 0.1), "it does not answer");
    cr_assert_lt(now() - before, 1);
    cr_assert(display_wayland_answers(path), "it takes a connection");
    end_server(pid, path);
}

Test(host, names_that_are_no_display)
{
    const char *const names[] = {"",
                                 ":",
                                 "9",
                                 ":x",
                                 ":4711",
                                 "localhost:4711",
                                 "a b:0",
                                 ":99999999999999999999",
                                 "/nowhere/at/all"};
    double before = now();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_assert_not(display_x11_answers(names[i], 0.5), "%s", names[i]);
    cr_assert_not(display_wayland_answers("wayland-4711"));
    cr_assert_not(display_wayland_answers(""));
    cr_assert_lt(now() - before, 2);
}
