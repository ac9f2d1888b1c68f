/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A locked process tries every way out, for root and for a user without rights; a parent meets
 * every kind of bad child. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#endif

#include "base/context.h"
#include "base/memory.h"
#include "host/child.h"
#include "host/file.h"
#include "host/sandbox.h"
#include "machine.h"

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

TestSuite(sandbox, .init = prepare, .fini = finish);

/* --- the lock -------------------------------------------------------------------------------- */

enum { NOBODY = 65534, DONE = 42, UNLOCKED = 43 };

#ifdef __linux__

/* The sanitizer's own memory is beyond every limit; valgrind loads no filter, and qemu has none. */
static bool locks(void)
{
#if defined __SANITIZE_ADDRESS__
    return false;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
    return false;
#endif
#endif
    return !under_valgrind() && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

static void try_open(void)
{
    open("/etc/passwd", O_RDONLY);
}

static void try_create(void)
{
    open("/tmp/descent-escaped", O_WRONLY | O_CREAT, 0600);
}

static void try_fork(void)
{
    fork();
}

static void try_clone(void)
{
    syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void try_execute(void)
{
    char program[] = "/bin/true", *arguments[] = {program, NULL}, *none[] = {NULL};
    execve(program, arguments, none);
}

static void try_kill_parent(void)
{
    kill(getppid(), SIGTERM);
}

static void try_raw_kill(void)
{
    syscall(SYS_kill, -1, 0);
}

static void try_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void try_trace(void)
{
    ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static void try_limits(void)
{
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &none);
}

static void try_executable_memory(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_make_executable(void)
{
    static char page[8192];
    mprotect((void *)(((size_t)page + 4095) & ~(size_t)4095), 4096, PROT_READ | PROT_EXEC);
}

static void try_map_file(void)
{
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0);
}

static void try_write_errors(void)
{
    ssize_t sent = write(STDERR_FILENO, "x", 1);
    (void)sent;
}

static void try_read_output(void)
{
    char byte;
    ssize_t got = read(STDOUT_FILENO, &byte, 1);
    (void)got;
}

static void try_duplicate(void)
{
    dup(0);
}

static void try_unlink(void)
{
    unlink("/tmp/descent-escaped");
}

static void try_sleep(void)
{
    const struct timespec second = {1, 0};
    nanosleep(&second, NULL);
}

static void try_timer(void)
{
    struct itimerval none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &none, NULL);
}

static void try_signal(void)
{
    signal(SIGXCPU, SIG_IGN);
}

static void try_privileges(void)
{
    prctl(PR_SET_PDEATHSIG, 0);
}

static void try_user(void)
{
    syscall(SYS_setuid, 0);
}

static void try_32_bit(void)
{
#if defined __x86_64__
    long number;
    /* getpid of the 32-bit interface, which a filter for one architecture alone would not see. */
    __asm__ volatile("int $0x80" : "=a"(number) : "a"(20L) : "memory");
#else
    kill(getpid(), SIGSYS);
#endif
}

static const struct {
    const char *name;
    void (*attempt)(void);
} attempts[] = {
    {"open a file", try_open},
    {"create a file", try_create},
    {"fork", try_fork},
    {"clone", try_clone},
    {"execute a program", try_execute},
    {"kill the parent", try_kill_parent},
    {"kill everybody", try_raw_kill},
    {"open a connection", try_socket},
    {"trace another process", try_trace},
    {"raise its limits", try_limits},
    {"ask for executable memory", try_executable_memory},
    {"make memory executable", try_make_executable},
    {"map a file", try_map_file},
    {"write to another descriptor", try_write_errors},
    {"read from another descriptor", try_read_output},
    {"duplicate a descriptor", try_duplicate},
    {"delete a file", try_unlink},
    {"sleep", try_sleep},
    {"set a timer", try_timer},
    {"ignore a signal", try_signal},
    {"outlive its parent", try_privileges},
    {"become another user", try_user},
    {"call through the 32-bit interface", try_32_bit},
};

/* How a locked process ends in which attempt() runs, as the given user. */
static int locked(void (*attempt)(void), uid_t user)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        const struct sandbox_limits limits = {
            .seconds = 10, .memory = 64 << 20, .filter = true, .parent = parent};
        if (user != getuid() && setuid(user) != 0)
            _exit(UNLOCKED);
        if (sandbox_enter(&limits, &error) != STATUS_OK)
            _exit(UNLOCKED);
        attempt();
        syscall(SYS_exit_group, DONE);
    }
    int how = 0;
    waitpid(pid, &how, 0);
    return how;
}

static void check_attempts(uid_t user)
{
    if (!locks())
        cr_skip_test("no process is isolated under a sanitizer, valgrind or qemu");
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int how = locked(attempts[i].attempt, user);
        /* A kernel without the 32-bit interface answers it with SIGSEGV. */
        if (attempts[i].attempt == try_32_bit && WIFSIGNALED(how) && WTERMSIG(how) == SIGSEGV)
            continue;
        cr_expect(WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS,
                  "to %s: not ended by SIGSYS, but %s %d", attempts[i].name,
                  WIFSIGNALED(how) ? "by signal" : "with exit code",
                  WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
    }
    cr_expect(access("/tmp/descent-escaped", F_OK) != 0);
}

Test(sandbox, no_way_out_for_this_user)
{
    check_attempts(getuid());
}

Test(sandbox, no_way_out_for_a_user_without_rights)
{
    if (getuid() != 0)
        cr_skip_test("only root can run as a user without rights");
    check_attempts(NOBODY);
}

/* What computing needs is there: memory is given and taken back, the clock is read. */
static void compute(void)
{
    struct timespec time;
    for (int i = 0; i < 100; i++) {
        size_t size = (size_t)1 << (i % 24);
        char *block = malloc(size);
        if (block == NULL)
            _exit(UNLOCKED);
        memset(block, i, size);
        block = realloc(block, 3 * size);
        if (block == NULL || block[size - 1] != (char)i)
            _exit(UNLOCKED);
        free(block);
    }
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
        _exit(UNLOCKED);
}

Test(sandbox, computing_goes_on)
{
    if (!locks())
        cr_skip_test("no process is isolated under a sanitizer, valgrind or qemu");
    int how = locked(compute, getuid());
    cr_assert(WIFEXITED(how) && WEXITSTATUS(how) == DONE, "%d", how);
}

static void use_memory(void)
{
    for (int i = 0; i < 1000; i++) { /* what threads have put aside may be used too */
        void *block = malloc(1 << 20);
        if (block == NULL)
            _exit(DONE);
        memset(block, 1, 1 << 20);
    }
    _exit(UNLOCKED);
}

Test(sandbox, memory_ends)
{
    if (!locks())
        cr_skip_test("no process is isolated under a sanitizer, valgrind or qemu");
    int how = locked(use_memory, getuid());
    cr_assert(WIFEXITED(how) && WEXITSTATUS(how) == DONE, "%d", how);
}

#endif

/* --- the parent ------------------------------------------------------------------------------ */

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* What becomes of a shell script that is asked something, and the bytes of its first frame. */
static enum child_end ask_script(const char *script, double seconds, char *first, size_t room,
                                 int *number)
{
    const char *const arguments[] = {"/bin/sh", "-c", script, NULL};
    const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    struct child child, *children[] = {&child};
    first[0] = '\0';
    cr_assert_eq(child_start(&child, &context, arguments, environment, &error), STATUS_OK, "%s",
                 error.text);
    cr_assert_eq(child_ask(&child, "?", 1, seconds, 100000, &error), STATUS_OK);
    double began = seconds_now();
    while (child.end == CHILD_RUNNING && seconds_now() - began < 20) {
        size_t size;
        cr_assert_eq(child_wait(children, 1, 5, &error), STATUS_OK);
        for (const char *frame; (frame = child_frame(&child, &size)) != NULL;)
            if (first[0] == '\0' && size < room) {
                memcpy(first, frame, size);
                first[size] = '\0';
            }
    }
    enum child_end end = child.end;
    *number = child.number;
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a zombie is left after: %s", script);
    child_stop(&child);
    return end;
}

static void expect_end(const char *script, enum child_end wanted, int wanted_number,
                       const char *wanted_first)
{
    char first[64];
    int number;
    enum child_end end = ask_script(script, 0.2, first, sizeof first, &number);
    cr_expect_eq(end, wanted, "%s: ended with %d, not %d", script, end, wanted);
    cr_expect(wanted_number < 0 || number == wanted_number, "%s: %d", script, number);
    cr_expect_str_eq(first, wanted_first, "%s", script);
}

Test(sandbox, every_bad_child)
{
    expect_end("exit 3", CHILD_EXIT, 3, "");
    expect_end("kill -SEGV $$", CHILD_SIGNAL, SIGSEGV, "");
    expect_end("kill -KILL $$", CHILD_SIGNAL, SIGKILL, "");
    expect_end("kill -SYS $$", CHILD_FORBIDDEN, SIGSYS, "");
    expect_end("kill -XCPU $$", CHILD_TIME, SIGXCPU, "");
    expect_end("while :; do :; done", CHILD_TIME, -1, "");
    expect_end("printf '\\003\\000\\000\\000abc'; exit 0", CHILD_EXIT, 0, "abc");
    expect_end("printf '\\003\\000'; sleep 0.05; printf '\\000\\000a'; sleep 0.05; printf bc",
               CHILD_EXIT, 0, "abc");
    expect_end("printf '\\003\\000\\000\\000ab'", CHILD_EXIT, 0, "");
    expect_end("printf '\\377\\377\\377\\377'; sleep 100", CHILD_OUTPUT, -1, "");
    expect_end("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", CHILD_OUTPUT,
               -1, "");
    expect_end("exec >&-; sleep 100", CHILD_SIGNAL, SIGKILL, "");
}

/* It neither computes nor answers: the clock on the wall ends it. */
Test(sandbox, sleeping_child)
{
    char first[8];
    int number;
    double began = seconds_now();
    cr_assert_eq(ask_script("sleep 100", 0.01, first, sizeof first, &number), CHILD_TIME);
    cr_assert_lt(seconds_now() - began, 15);
}

/* Processes that it leaves in its group end with it. */
Test(sandbox, whole_group_ends)
{
    char name[] = "/tmp/descent-group-XXXXXX", script[128], first[8], text[32] = "";
    int descriptor = mkstemp(name), number;
    cr_assert_geq(descriptor, 0);
    snprintf(script, sizeof script, "sleep 1000 & echo $! > %s; exit 5", name);
    cr_assert_eq(ask_script(script, 1, first, sizeof first, &number), CHILD_EXIT);
    cr_assert_gt(read(descriptor, text, sizeof text - 1), 0);
    close(descriptor);
    unlink(name);
    pid_t left = (pid_t)strtol(text, NULL, 10);
    bool gone = false;
    for (double until = seconds_now() + 5; !gone && seconds_now() < until; usleep(1000)) {
        char path[64], state[256] = "";
        snprintf(path, sizeof path, "/proc/%ld/stat", (long)left);
        FILE *file = fopen(path, "r");
        gone = file == NULL || fgets(state, sizeof state, file) == NULL ||
               strstr(state, ") Z ") != NULL;
        if (file != NULL)
            fclose(file);
    }
    cr_assert(gone, "process %ld is still there", (long)left);
}

Test(sandbox, environment_is_bare)
{
    char first[64];
    int number;
    setenv("DESCENT_SECRET", "token", 1);
    ask_script("printf '\\003\\000\\000\\000%.3s' \"${DESCENT_SECRET-none}\"", 1, first,
               sizeof first, &number);
    cr_assert_str_eq(first, "non");
}

Test(sandbox, child_that_is_not_there)
{
    const char *const arguments[] = {"/nonexistent/program", NULL}, *const none[] = {NULL};
    struct child child;
    cr_assert_eq(child_start(&child, &context, arguments, none, &error), STATUS_FILE);
    cr_assert_eq(child_ask(&child, "?", 1, 1, 100, &error), STATUS_FILE);
    child_stop(&child);
}

/* --- files ----------------------------------------------------------------------------------- */

Test(sandbox, only_regular_files_are_read)
{
    char folder[] = "/tmp/descent-files-XXXXXX", path[128], link[128];
    char *bytes;
    size_t size;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    cr_assert_eq(file_write(&context, path, "abc", 3, &error), STATUS_OK);
    cr_assert_eq(file_read_regular(&context, path, 3, &bytes, &size, &error), STATUS_OK);
    cr_assert(size == 3 && memcmp(bytes, "abc", 4) == 0);
    memory_free(&context, bytes);
    cr_assert_eq(file_read_regular(&context, path, 2, &bytes, &size, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "too large") != NULL, "%s", error.text);
    cr_assert_eq(symlink(path, link), 0);
    cr_assert_eq(file_read_regular(&context, link, 10, &bytes, &size, &error), STATUS_FILE);
    cr_assert(strstr(error.text, "symbolic link") != NULL, "%s", error.text);
    unlink(link);
    cr_assert_eq(mkfifo(link, 0600), 0);
    cr_assert_eq(file_read_regular(&context, link, 10, &bytes, &size, &error), STATUS_FILE);
    cr_assert_eq(file_read_regular(&context, folder, 10, &bytes, &size, &error), STATUS_FILE);
    cr_assert_eq(file_read_regular(&context, "/dev/zero", 10, &bytes, &size, &error), STATUS_FILE);
    cr_assert_eq(file_read_regular(&context, "/none", 10, &bytes, &size, &error), STATUS_FILE);
    unlink(link);
    unlink(path);
    rmdir(folder);
}

Test(sandbox, folders_are_made)
{
    char folder[] = "/tmp/descent-files-XXXXXX", path[128];
    struct stat about;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b", folder);
    cr_assert_eq(file_make_folder(&context, path, &error), STATUS_OK);
    cr_assert_eq(file_make_folder(&context, path, &error), STATUS_OK);
    cr_assert(stat(path, &about) == 0 && S_ISDIR(about.st_mode));
    rmdir(path);
    snprintf(path, sizeof path, "%s/a", folder);
    rmdir(path);
    cr_assert_eq(file_write(&context, path, "", 0, &error), STATUS_OK);
    snprintf(path, sizeof path, "%s/a/b", folder);
    cr_assert_eq(file_make_folder(&context, path, &error), STATUS_FILE);
    snprintf(path, sizeof path, "%s/a", folder);
    unlink(path);
    rmdir(folder);
}
