/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dataset_write: CSV here, NumPy's files in numpy.c. */
#include <string.h>
#include <strings.h>

#include "dataset/csv.h"
#include "dataset/dataset.h"
#include "dataset/number.h"
#include "dataset/numpy.h"
#include "dataset/output.h"

static void put_number(struct output *output, double value)
{
    char text[32];
    output_put(output, text, number_write(value, text, sizeof text));
}

/* Quoted where a reader would see something else: separators, quotes, line ends, outer spaces. */
static void put_text(struct output *output, const char *text)
{
    size_t length = strlen(text);
    bool outer = length > 0 &&
                 (strchr(" \t", text[0]) != NULL || strchr(" \t", text[length - 1]) != NULL);
    if (!outer && strcspn(text, ",;\t\"\r\n") == length) {
        output_put(output, text, length);
        return;
    }
    output_put(output, "\"", 1);
    for (; *text != '\0'; text++) {
        output_put(output, text, 1);
        if (*text == '"')
            output_put(output, text, 1);
    }
    output_put(output, "\"", 1);
}

static void put_header(struct output *output, const struct dataset *dataset, char delimiter)
{
    for (size_t k = 0; k < dataset->inputs; k++) {
        if (k > 0)
            output_put(output, &delimiter, 1);
        put_text(output, dataset->x_names[k]);
    }
    if (dataset->weights != NULL) {
        output_put(output, &delimiter, 1);
        put_text(output, "weights");
    }
    for (size_t k = 0; k < dataset->outputs; k++) {
        output_put(output, &delimiter, 1);
        put_text(output, dataset->y_names[k]);
    }
    output_put(output, "\n", 1);
}

static void put_row(struct output *output, const struct dataset *dataset, char delimiter,
                    size_t row)
{
    const double *x = dataset->x + row * dataset->inputs, *y = dataset->y + row * dataset->outputs;
    for (size_t k = 0; k < dataset->inputs; k++) {
        if (k > 0)
            output_put(output, &delimiter, 1);
        put_number(output, x[k]);
    }
    if (dataset->weights != NULL) {
        output_put(output, &delimiter, 1);
        put_number(output, dataset->weights[row]);
    }
    for (size_t k = 0; k < dataset->outputs; k++) {
        output_put(output, &delimiter, 1);
        if (dataset->classes > 0)
            put_text(output, dataset->class_names[(size_t)y[k] - 1]);
        else
            put_number(output, y[k]);
    }
    output_put(output, "\n", 1);
}

/* A class that reading would take for a gap or cut differently cannot be kept. */
static enum status check_classes(const struct dataset *dataset, struct error *error)
{
    for (size_t i = 0; i < dataset->classes; i++) {
        const char *name = dataset->class_names[i];
        char quoted[CSV_QUOTED];
        if (csv_is_missing(name, strlen(name)))
            return error_set(error, STATUS_UNSUPPORTED, "classes",
                             "the class %s would be read as a missing value; give it another name",
                             csv_quoted(quoted, name, strlen(name)));
    }
    return STATUS_OK;
}

static enum status write_csv(const struct dataset *dataset, const char *path, struct error *error)
{
    struct number_locale locale;
    struct output *output;
    char delimiter = csv_is_tab_separated(path) ? '\t' : ',';
    enum status status = check_classes(dataset, error);
    if (status == STATUS_OK)
        status = number_locale_enter(&locale, error);
    if (status != STATUS_OK)
        return status;
    status = output_open(&output, dataset->context, path, error);
    if (status == STATUS_OK) {
        put_header(output, dataset, delimiter);
        for (size_t row = 0; row < dataset->examples && output->problem == 0; row++)
            put_row(output, dataset, delimiter, row);
        status = output_close(output, error);
    }
    number_locale_leave(&locale);
    return status;
}

/* Only what holds text: a name like fit.xlsx promises something else than a CSV file. */
static enum status check_ending(const char *path, struct error *error)
{
    static const char *const endings[] = {".csv", ".tsv", ".tab", ".txt", ".dat"};
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *ending = strrchr(name, '.');
    if (ending == NULL || ending == name || ending[1] == '\0')
        return STATUS_OK;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i]) == 0)
            return STATUS_OK;
    return error_set(error, STATUS_UNSUPPORTED, "path",
                     "data are written to .csv, .tsv, .txt, .npy and .npz; %s is none of these",
                     ending);
}

enum status dataset_write(const struct dataset *dataset, const char *path, struct error *error)
{
    switch (numpy_kind(path)) {
    case NUMPY_ARRAY: return numpy_write_array(dataset, path, error);
    case NUMPY_ARCHIVE: return numpy_write_archive(dataset, path, error);
    case NUMPY_NONE: break;
    }
    enum status status = check_ending(path, error);
    return status == STATUS_OK ? write_csv(dataset, path, error) : status;
}
