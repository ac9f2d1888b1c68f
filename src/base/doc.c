/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/doc.h"

#include <stdint.h>
#include <string.h>

bool doc_is_named(const struct doc *doc, const char *name)
{
    const char *point = strchr(doc->name, '.');
    return strcmp(doc->name, name) == 0 || (point != NULL && strcmp(point + 1, name) == 0);
}

int doc_choice_index(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (int index = 0;; index++) {
        size_t end = strcspn(choices, "|");
        if (end == length && memcmp(choices, value, length) == 0)
            return index;
        if (choices[end] == '\0')
            return -1;
        choices += end + 1;
    }
}

bool doc_choice_name(const char *choices, int index, char *buffer, size_t size)
{
    if (index < 0)
        return false;
    for (; index > 0; index--) {
        choices = strchr(choices, '|');
        if (choices == NULL)
            return false;
        choices++;
    }
    size_t length = strcspn(choices, "|");
    if (length >= size)
        return false;
    memcpy(buffer, choices, length);
    buffer[length] = '\0';
    return true;
}

/* What other programs, papers and habits call the names of this one. Lower case, no underscores. */
static const struct {
    const char *target, *aliases;
} synonyms[] = {
    {"alpha", "lr|learningrate|learningrateinit|stepsize|rate|eta|eta0"},
    {"beta", "momentum|beta1|mu|b1"},
    {"gamma", "beta2|rho|decay|decayrate|nu|b2|smoothing"},
    {"epsilon", "eps|delta|tiny"},
    {"weight_decay", "wd|l2|lambda"},
    {"bias_correction", "correct|correctbias|biascorrected"},
    {"centred", "centered|center|centre"},
    {"damping", "lambda|ridge|mu"},
    {"memory", "history|historysize|m"},
    {"clip", "clipnorm|gradclip|clipgradnorm|clipvalue|maxgradnorm"},
    {"threshold", "tol|tolerance|eps"},
    {"tolerance", "tol|atol|rtol|eps"},
    {"rounds", "iterations|maxiter|steps"},
    {"steps", "iterations|iteration|niter|niterations|nsteps|maxiter|maxiterations|maxsteps|"
              "updates|nupdates|epochs|nepochs|numepochs|iter"},
    {"epochs", "nepochs|numepochs|maxepochs|passes"},
    {"batch", "batchsize|minibatch|minibatchsize|bs"},
    {"start", "init|initial|initialvalue|initialguess|x0|theta0|p0|guess"},
    {"order", "shuffle|sampling"},
    {"seed", "randomstate|randomseed|rng"},
    {"validation", "val|valid|validationdata|validationset|dev"},
    {"hold", "fixed|freeze|frozen|fix"},
    {"bounds", "limits|box|range"},
    {"schedule", "scheduler|lrscheduler"},
    {"factor", "gamma|decay|decayrate|drop"},
    {"decay", "gamma|rate|decayrate"},
    {"every", "stepsize|interval|period"},
    {"final", "etamin|minimum|last"},
    {"noise", "sigma|std|stddev|sd"},
    {"sigma", "std|stddev|sd|noise|scale"},
    {"n", "count|size|samples|nsamples|num|number|points"},
    {"k", "folds|nfolds|classes|nclasses|neighbors|neighbours|nneighbors"},
    {"degree", "power|deg"},
    {"hidden", "units|hiddenunits|hiddensize|width|nhidden"},
    {"activation", "act|nonlinearity|activationfunction"},
    {"scheme", "initializer|initialiser|method|kind"},
    {"names", "columns|labels|headers"},
    {"x", "input|inputs|features|xs"},
    {"y", "output|outputs|target|targets|labels|label|ys"},
    {"gd", "sgd|gradientdescent|steepestdescent|batchgd"},
    {"lbfgs", "lbfgsb"},
    {"adam", "adamw"},
    {"rmsprop", "rms"},
    {"nesterov", "nag"},
    {"linear", "linearregression|dense|affine"},
    {"logistic", "logisticregression"},
    {"mlp", "neuralnetwork|network|net|feedforward|sequential"},
    {"nearest", "knn|kneighbors"},
    {"least_squares", "sse|ssr|rss|l2loss|squarederror|ols|sumsquares|sumofsquares"},
    {"mean_squares", "mse|mseloss|meansquarederror|quadratic"},
    {"absolute", "mae|l1loss|l1|meanabsoluteerror"},
    {"huber", "smoothl1|smoothl1loss"},
    {"gaussian", "nll|gaussiannll|normal"},
    {"cross_entropy", "ce|crossentropyloss|logloss|categoricalcrossentropy|nllloss"},
    {"binary_cross_entropy", "bce|bceloss|logloss"},
    {"l1", "lasso"},
    {"l2", "ridge|tikhonov|weightdecay"},
    {"max_norm", "maxnormconstraint|projection"},
    {"matmul", "mm|mul|matrixmultiply|multiply"},
    {"dot", "inner|innerproduct|vdot"},
    {"t", "transpose|transposed|tr"},
    {"inverse", "inv|pinv"},
    {"determinant", "det"},
    {"eigenvalues", "eig|eigh|eigvals|eigvalsh|eigen"},
    {"solve", "lstsq|linsolve|leastsquares"},
    {"linspace", "arange|range|seq"},
    {"eye", "identity"},
    {"array", "tensor|matrix|vector|list|ndarray"},
    {"mean", "average|avg"},
    {"prod", "product"},
    {"sum", "total"},
    {"norm", "length|magnitude"},
    {"max", "maximum|amax"},
    {"min", "minimum|amin"},
    {"rows", "nrow|nrows|height|length|size|len"},
    {"cols", "columns|ncol|ncols|width"},
    {"shape", "size|dim|dims|dimensions"},
    {"table", "tolist|totable|list"},
    {"copy", "clone"},
    {"slice", "sub|subset"},
    {"map", "apply"},
    {"abs", "fabs|absolute|absolutevalue"},
    {"log", "ln"},
    {"log1p", "logp1"},
    {"sign", "sgn|signum"},
    {"asin", "arcsin"},
    {"acos", "arccos"},
    {"atan", "arctan|atan2"},
    {"sigmoid", "logistic|expit"},
    {"relu", "rectify|rectifier"},
    {"where", "ifelse|select|cond"},
    {"normal", "randn|gaussian|gauss"},
    {"uniform", "rand|random"},
    {"integer", "randint|integers|randrange"},
    {"permutation", "shuffle|randperm"},
    {"choice", "sample|pick"},
    {"standardize", "standardise|normalize|normalise|scale|zscore"},
    {"split", "traintestsplit"},
    {"folds", "kfold|crossvalidation"},
    {"gradient", "grad|jac|backward"},
    {"derivative", "diff|differentiate|deriv"},
    {"taylor", "quadratic"},
    {"check", "gradcheck|checkgrad"},
    {"explain", "describe|show"},
    {"help", "man|doc|info"},
    {"fit", "train|minimize|minimise|optimize|optimise"},
    {"descend", "run|train|descent"},
    {"accuracy", "score"},
    {"confusion", "confusionmatrix"},
    {"r2", "rsquared|r2score"},
    {"phi", "theta|params|parameters|weights"},
    {"back", "undo|stepback"},
    {"step", "next|update"},
    {"reason", "status|message|why"},
};

enum { LONGEST = 64 };

/* ASCII only, so that no locale changes what is suggested. */
static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static void fold(const char *name, bool underscores, char folded[LONGEST])
{
    size_t length = 0;
    for (; *name != '\0'; name++)
        if (underscores || (*name != '_' && *name != '-'))
            folded[length++] = lower(*name);
    folded[length] = '\0';
}

/* Insertions, deletions, substitutions and swaps of neighbours that turn a into b (Damerau and
 * Levenshtein, in the form where no part is edited twice). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t columns = strlen(b), rows[3][LONGEST] = {{0}};
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return row[columns];
}

static size_t common_prefix(const char *a, const char *b)
{
    size_t length = 0;
    while (a[length] != '\0' && a[length] == b[length])
        length++;
    return length;
}

static const char *candidate_named(const char *name, const char *const *candidates, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(candidates[i], name) == 0)
            return candidates[i];
    return NULL;
}

const char *doc_nearest(const char *given, const char *const *candidates, size_t count)
{
    size_t length = strlen(given);
    if (length == 0 || length >= LONGEST)
        return NULL;
    char name[LONGEST], joined[LONGEST], other[LONGEST];
    fold(given, true, name);
    fold(given, false, joined);
    for (size_t i = 0; i < count; i++) { /* right but for its case or underscores */
        if (strlen(candidates[i]) >= LONGEST)
            continue;
        fold(candidates[i], false, other);
        if (joined[0] != '\0' && strcmp(joined, other) == 0)
            return candidates[i];
    }
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
        const char *target = candidate_named(synonyms[i].target, candidates, count);
        if (target != NULL && doc_choice_index(synonyms[i].aliases, joined) >= 0)
            return target;
    }
    size_t limit = length / 3 > 2 ? length / 3 : 2;
    size_t best_score = SIZE_MAX;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other_length = strlen(candidates[i]);
        if (other_length >= LONGEST)
            continue;
        fold(candidates[i], true, other);
        size_t distance = edit_distance(name, other), prefix = common_prefix(name, other);
        /* Two names of two letters are never more than 2 apart: something must be in common. */
        if (distance > limit || distance >= (length > other_length ? length : other_length))
            continue;
        /* Among equals the longer common beginning counts, then the more similar length. */
        size_t difference = length > other_length ? length - other_length : other_length - length;
        size_t score = (distance * LONGEST + LONGEST - prefix) * LONGEST + difference;
        if (score < best_score) {
            best = candidates[i];
            best_score = score;
        }
    }
    if (best != NULL)
        return best;
    for (size_t i = 0; i < count; i++) { /* one begins the other: "sig", "replacement" */
        size_t other_length = strlen(candidates[i]);
        if (other_length >= LONGEST)
            continue;
        fold(candidates[i], true, other);
        size_t prefix = common_prefix(name, other);
        if ((length >= 3 && prefix == length) || (other_length >= 4 && prefix == other_length))
            return candidates[i];
    }
    return NULL;
}
