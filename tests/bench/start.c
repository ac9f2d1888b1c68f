/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start.c: `start COUNT PROGRAM [ARGUMENT...]` starts a program COUNT times with nothing to read
 * and nobody to see what it prints, and prints the seconds from start to exit and the most
 * kilobytes it held. Small, because a child's figure for memory begins at its parent's. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return EXIT_FAILURE;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    long largest = 0;
    double begin = now();
    for (long i = atol(argv[1]); i > 0; i--) {
        pid_t child;
        int status;
        struct rusage usage;
        if (posix_spawnp(&child, argv[2], &actions, NULL, argv + 2, environ) != 0 ||
            wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) ||
            WEXITSTATUS(status) != 0)
            return EXIT_FAILURE;
        if (usage.ru_maxrss > largest)
            largest = usage.ru_maxrss;
    }
#ifdef __APPLE__
    largest /= 1024; /* bytes there */
#endif
    printf("%.9f %ld\n", now() - begin, largest);
    return EXIT_SUCCESS;
}
