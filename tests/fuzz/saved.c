/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved runs with changes in them: what is taken goes on, goes back and is saved again. The first
 * byte chooses rule and batches. */
#include "base/generator.h"
#include "base/memory.h"
#include "fuzz.h"
#include "optimizer/optimizer.h"
#include "problems.h"
#include "run/saved.h"

static struct run *begin(struct objective *objective, unsigned choice)
{
    static const char *const rules[] = {"gd", "adam", "momentum", "bfgs", "lbfgs", "line_search"};
    static const size_t indices[] = {0, 1, 2, 7, 29, 3}, offsets[] = {0, 3, 6};
    const struct rule *rule = optimizer_rule(rules[choice % 6]);
    bool whole = rule->whole != NULL;
    double values[OPTIMIZER_ARGUMENTS];
    struct error error;
    struct optimizer *optimizer;
    struct run *run;
    for (size_t i = 0; i < rule->doc.argument_count; i++)
        values[i] = rule->doc.arguments[i].standard;
    if (rule->doc.arguments[0].type == ARGUMENT_RATE)
        values[0] = 0.05;
    EXPECT(optimizer_new(&optimizer, objective_context(objective), rule, values, NULL, NULL,
                         &error) == STATUS_OK);
    struct run_options options = {
        .start = problem_gabor.start,
        .order = whole ? SAMPLER_ALL : (enum sampler_order)(choice / 6 % (SAMPLER_GIVEN + 1)),
        .batch = 7,
        .given_indices = indices,
        .given_offsets = offsets,
        .given_count = 2,
        .history_bytes = choice & 64 ? 1 : 0,
    };
    generator_seed(&options.generator, 5);
    EXPECT(run_new(&run, objective, optimizer, &options, &error) == STATUS_OK);
    EXPECT(run_step(run, 20, &error) == STATUS_OK);
    optimizer_release(optimizer);
    return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context context;
    struct error error = {STATUS_OK, "", ""};
    fuzz_begin(&context);
    struct objective *objective = problem_objective(&context, &problem_gabor);
    EXPECT(objective != NULL);
    struct run *run = begin(objective, size > 0 ? data[0] : 0);
    char *bytes;
    size_t length;
    EXPECT(run_save(run, &bytes, &length, &error) == STATUS_OK);
    run_release(run);
    uint8_t *changed = fuzz_changed((uint8_t *)bytes, length, data + 1, size > 0 ? size - 1 : 0,
                                    &length);
    memory_free(&context, bytes);
    enum status status =
        run_restore(&run, objective, (char *)changed, length, NULL, NULL, &error);
    free(changed);
    fuzz_refused(status, &error);
    if (status == STATUS_OK) {
        fuzz_refused(run_step(run, 3, &error), &error);
        fuzz_refused(run_back(run, 2, &error), &error);
        status = run_save(run, &bytes, &length, &error);
        fuzz_refused(status, &error);
        if (status == STATUS_OK)
            memory_free(&context, bytes);
        run_release(run);
    }
    objective_release(objective);
    fuzz_end(&context);
    return 0;
}
