/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 64 };

void peer_gabor_points(double *x, double *y, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        x[i] = -15 + 30 * (double)i / (double)(count - 1);
        double u = 0.5 + 0.06 * 16 * x[i];
        y[i] = sin(u) * exp(-u * u / 32) + 0.1 * sin(37 * (double)i);
    }
}

static void answer(const struct peer_case *which, const char *verb, long count)
{
    if (strcmp(verb, "run") == 0) {
        which->run(count);
        puts("ok");
        return;
    }
    if (strcmp(verb, "count") == 0) {
        printf("ok %.17g\n", which->count == NULL ? 0 : *which->count);
        return;
    }
    double values[VALUES];
    size_t number = which->value == NULL ? 0 : which->value(values);
    printf("ok");
    for (size_t i = 0; i < number; i++)
        printf(" %.17g", values[i]);
    putchar('\n');
}

int peer_serve(const struct peer_case *cases, size_t count)
{
    char line[256], verb[16], name[64];
    bool prepared[CASES] = {false};
    while (fgets(line, sizeof line, stdin) != NULL) {
        long times = 1;
        if (sscanf(line, "%15s %63s %ld", verb, name, &times) < 2)
            return EXIT_FAILURE;
        size_t c = 0;
        while (c < count && strcmp(cases[c].name, name) != 0)
            c++;
        const char *reason = c == count ? "not among its cases" : NULL;
        if (reason == NULL && !prepared[c] && cases[c].prepare != NULL)
            reason = cases[c].prepare();
        if (reason != NULL) {
            printf("missing %s\n", reason);
        } else {
            prepared[c] = true;
            answer(&cases[c], verb, times);
        }
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
