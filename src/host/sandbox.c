/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

static enum status failed(struct error *error, const char *what, int number)
{
    return error_set(error, STATUS_UNSUPPORTED, NULL, "cannot isolate this process: %s: %s", what,
                     strerror(number));
}

/* --- the filter ------------------------------------------------------------------------------- */

#ifdef __linux__

/* libseccomp is loaded when it is needed, as the linear algebra is, so that neither building the
 * program nor starting it asks for it. These are the parts of its binary interface that are used;
 * it has kept them since version 2.4. */
#define ACT_KILL_PROCESS 0x80000000U
#define ACT_ALLOW 0x7fff0000U
enum comparison_kind { EQUAL = 4, MASKED_EQUAL = 7 };
struct comparison {
    unsigned argument;
    enum comparison_kind kind;
    uint64_t a, b; /* EQUAL: to a; MASKED_EQUAL: (argument & a) == b */
};

struct library {
    void *handle;
    void *(*init)(uint32_t action);
    int (*resolve)(const char *name);
    int (*add)(void *filter, uint32_t action, int call, unsigned count,
               const struct comparison *comparisons);
    int (*load)(const void *filter);
};

/* Into a pointer to a function. */
static bool find(const struct library *library, const char *symbol, void *pointer)
{
    void *address = dlsym(library->handle, symbol);
    memcpy(pointer, &address, sizeof address);
    return address != NULL;
}

static enum status open_library(struct library *library, struct error *error)
{
    library->handle = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library->handle == NULL)
        return error_set(error, STATUS_UNSUPPORTED, NULL,
                         "isolating a process needs libseccomp, which is not installed here: "
                         "install libseccomp2 (scripts/setup does it)");
    if (find(library, "seccomp_init", &library->init) &&
        find(library, "seccomp_syscall_resolve_name", &library->resolve) &&
        find(library, "seccomp_rule_add_array", &library->add) &&
        find(library, "seccomp_load", &library->load))
        return STATUS_OK;
    dlclose(library->handle);
    return error_set(error, STATUS_UNSUPPORTED, NULL,
                     "the libseccomp that is installed here lacks what isolating needs: version "
                     "2.4 or later has it");
}

struct filter {
    struct library library;
    void *rules;
};

struct rule {
    const char *call;
    unsigned count;
    struct comparison comparisons[2];
};

/* What computing needs. Memory is never executable, and never a file's. */
static const struct rule rules[] = {
    {"read", 1, {{0, EQUAL, STDIN_FILENO, 0}}},
    {"write", 1, {{0, EQUAL, STDOUT_FILENO, 0}}},
    {"exit", 0, {{0, EQUAL, 0, 0}}},
    {"exit_group", 0, {{0, EQUAL, 0, 0}}},
    {"brk", 0, {{0, EQUAL, 0, 0}}},
    {"mmap", 2, {{2, MASKED_EQUAL, PROT_EXEC, 0}, {3, MASKED_EQUAL, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
    {"mprotect", 1, {{2, MASKED_EQUAL, PROT_EXEC, 0}}},
    {"munmap", 0, {{0, EQUAL, 0, 0}}},
    {"mremap", 0, {{0, EQUAL, 0, 0}}},
    {"madvise", 0, {{0, EQUAL, 0, 0}}},
    {"clock_gettime", 0, {{0, EQUAL, 0, 0}}},
    {"sched_yield", 0, {{0, EQUAL, 0, 0}}},
    {"rt_sigreturn", 0, {{0, EQUAL, 0, 0}}},
    {"restart_syscall", 0, {{0, EQUAL, 0, 0}}},
};

static enum status fill(const struct library *library, void *filter, struct error *error)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        int call = library->resolve(rules[i].call);
        int number = call < 0 ? -ENOSYS
                              : library->add(filter, ACT_ALLOW, call, rules[i].count,
                                             rules[i].comparisons);
        if (number != 0)
            return failed(error, rules[i].call, -number);
    }
    return STATUS_OK;
}

static enum status make_filter(struct filter *filter, struct error *error)
{
    enum status status = open_library(&filter->library, error);
    if (status != STATUS_OK)
        return status;
    filter->rules = filter->library.init(ACT_KILL_PROCESS);
    if (filter->rules == NULL)
        return failed(error, "seccomp_init", ENOMEM);
    return fill(&filter->library, filter->rules, error);
}

/* Afterwards the library stays as it is: closing it would call into the system. */
static enum status load_filter(const struct filter *filter, struct error *error)
{
    int number = filter->library.load(filter->rules);
    return number == 0 ? STATUS_OK : failed(error, "seccomp_load", -number);
}

enum status sandbox_supported(struct error *error)
{
    struct library library;
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return error_set(error, STATUS_UNSUPPORTED, NULL,
                         "isolating a process needs seccomp, which this system's kernel lacks");
    enum status status = open_library(&library, error);
    if (status == STATUS_OK)
        dlclose(library.handle);
    return status;
}

#else

struct filter {
    char none;
};

enum status sandbox_supported(struct error *error)
{
    return error_set(error, STATUS_UNSUPPORTED, NULL,
                     "isolating a process needs seccomp, which is a part of Linux");
}

static enum status make_filter(struct filter *filter, struct error *error)
{
    filter->none = 0;
    return sandbox_supported(error);
}

static enum status load_filter(const struct filter *filter, struct error *error)
{
    (void)filter;
    return sandbox_supported(error);
}

#endif

/* --- limits ----------------------------------------------------------------------------------- */

/* Bytes of address space in use; 0 where that cannot be known. */
static size_t address_space(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool limit(int what, rlim_t value)
{
    struct rlimit now;
    if (getrlimit(what, &now) != 0)
        return false;
    if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max)
        value = now.rlim_max;
    struct rlimit wanted = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(what, &wanted) == 0;
}

static enum status set_limits(const struct sandbox_limits *limits, struct error *error)
{
    size_t used = address_space();
    if (used != 0 && !limit(RLIMIT_AS, (rlim_t)(used + limits->memory)))
        return failed(error, "memory", errno);
    if (!limit(RLIMIT_CPU, (rlim_t)fmin(ceil(limits->seconds), 1e9)))
        return failed(error, "processor time", errno);
    if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0))
        return failed(error, "file size", errno);
#ifdef RLIMIT_NPROC
    if (!limit(RLIMIT_NPROC, 0))
        return failed(error, "processes", errno);
#endif
    if (!limit(RLIMIT_NOFILE, 2))
        return failed(error, "open files", errno);
    return STATUS_OK;
}

static void close_descriptors(void)
{
    struct rlimit files;
#if defined __linux__ && defined SYS_close_range
    if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
        return;
#endif
    int most = 65536;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < (rlim_t)most)
        most = (int)files.rlim_cur;
    for (int descriptor = 3; descriptor < most; descriptor++)
        close(descriptor);
}

enum status sandbox_enter(const struct sandbox_limits *limits, struct error *error)
{
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || dup2(nothing, STDERR_FILENO) < 0)
        return failed(error, "/dev/null", errno);
    close_descriptors();
#ifdef __linux__
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed(error, "privileges", errno);
    if (limits->parent != 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
            return failed(error, "the parent's death", errno);
        if (getppid() != limits->parent) /* it died before that */
            return failed(error, "the parent", ESRCH);
    }
#endif
    struct filter filter;
    enum status status = STATUS_OK;
    if (limits->filter) /* while files can be opened */
        status = make_filter(&filter, error);
    if (status == STATUS_OK)
        status = set_limits(limits, error);
    if (status == STATUS_OK && limits->filter)
        status = load_filter(&filter, error);
    return status;
}
