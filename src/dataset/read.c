/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dataset_read: records become cells of the chosen columns in one pass; then, when it is known
 * which words there are, cells become x and y. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/memory.h"
#include "dataset/csv.h"
#include "dataset/dataset.h"
#include "dataset/number.h"
#include "dataset/numpy.h"
#include "dataset/storage.h"
#include "dataset/words.h"

enum {
    MOST_WORDS = 1000, /* in an input column, which has a column of x for each */
    POLL = 1024,       /* rows between looks at the interrupt flag */
};

enum kind {
    KIND_OPEN, /* until the first cell that is not missing */
    KIND_NUMBERS,
    KIND_WORDS,
    KIND_LABELS, /* words, whether they are numbers or not */
};

/* A column of the file that is part of x, of y or of both. */
struct column {
    size_t position; /* in the file, from 0 */
    enum kind kind;
    bool in_x, in_y, is_weight;
    struct words words;             /* a cell holds the number of its word */
    size_t *ranks, *firsts, places; /* of words_sort() */
    bool numeric;
};

struct reading {
    struct context *context;
    const struct dataset_columns *options;
    struct csv csv;
    struct csv_record first, record;
    struct csv_record *ahead; /* a record that was read but not used yet, or NULL */
    bool header;
    char **names; /* of the header: width; NULL without one */
    size_t width; /* fields of each record */
    struct column *columns;
    size_t column_count;
    size_t *x, *y; /* positions in columns */
    size_t x_count, y_count;
    size_t weights; /* position in columns, or SIZE_MAX */
    double *cells; /* rows × column_count */
    size_t rows, row_capacity;
    char *scratch;
    size_t scratch_capacity;
    struct error *error;
};

static enum status no_memory(struct reading *reading)
{
    return csv_refuse(&reading->csv, STATUS_MEMORY, reading->csv.line, 0, reading->error,
                      "not enough memory for this file's data");
}

/* The text of a field, its quotes single; valid until the next call. */
static enum status field_text(struct reading *reading, const struct csv_field *field,
                              const char **text, size_t *length)
{
    *text = field->text;
    *length = field->length;
    if (!field->doubled)
        return STATUS_OK;
    if (field->length > reading->scratch_capacity) {
        char *scratch = memory_resize(reading->context, reading->scratch, field->length, 1);
        if (scratch == NULL)
            return no_memory(reading);
        reading->scratch = scratch;
        reading->scratch_capacity = field->length;
    }
    *length = csv_undouble(field, reading->scratch);
    *text = reading->scratch;
    return STATUS_OK;
}

static enum status check_text(struct reading *reading, const struct csv_field *field,
                              size_t position)
{
    size_t good = csv_text_length(field->text, field->length);
    if (good == field->length)
        return STATUS_OK;
    unsigned byte = (unsigned char)field->text[good];
    return csv_refuse(&reading->csv, STATUS_FORMAT, field->line, position + 1, reading->error,
                      byte >= 0x80 ? "the byte 0x%02X is no UTF-8 text; save the file as UTF-8"
                                   : "the byte 0x%02X is no text; is this a CSV file?",
                      byte);
}

/* --- header --- */

static bool is_word(const struct csv_field *field)
{
    double value;
    return !csv_is_missing(field->text, field->length) &&
           number_read(field->text, field->length, &value) == NUMBER_NONE;
}

enum verdict { VERDICT_OPEN, VERDICT_HEADER, VERDICT_LABELS };

/* What a further record says about the first one; `second` when it is the one right below. */
static enum verdict judge(const struct csv_record *first, const struct csv_record *record,
                          bool second)
{
    enum verdict verdict = VERDICT_OPEN;
    for (size_t i = 0; i < record->count; i++) {
        const struct csv_field *above = &first->fields[i], *field = &record->fields[i];
        if (!is_word(above))
            continue;
        if (second && !is_word(field))
            return VERDICT_HEADER; /* a word over a number or a gap */
        if (above->length == field->length && memcmp(above->text, field->text, field->length) == 0)
            verdict = VERDICT_LABELS;
    }
    return verdict;
}

/* Do the words of the first record stand over words only, and comes one of them again? */
static enum status looks_like_labels(struct reading *reading, bool *labels)
{
    struct csv ahead = reading->csv; /* a second reader of the same block */
    struct csv_record record = {0};
    enum verdict verdict = VERDICT_OPEN;
    enum status status = STATUS_OK;
    for (bool second = true; verdict == VERDICT_OPEN; second = false) {
        status = csv_next(&ahead, &record, NULL);
        if (status != STATUS_OK || record.count != reading->width)
            break;
        verdict = judge(&reading->first, &record, second);
    }
    csv_record_free(&ahead, &record);
    *labels = verdict == VERDICT_LABELS;
    /* What else is wrong with the file is for the real pass to say. */
    return status == STATUS_MEMORY ? no_memory(reading) : STATUS_OK;
}

static enum status detect_header(struct reading *reading)
{
    reading->header = reading->options->header == DATASET_HEADER_PRESENT;
    if (reading->options->header != DATASET_HEADER_DETECT)
        return STATUS_OK;
    for (size_t i = 0; i < reading->width; i++)
        reading->header = reading->header || is_word(&reading->first.fields[i]);
    bool labels = false;
    enum status status = reading->header ? looks_like_labels(reading, &labels) : STATUS_OK;
    reading->header = reading->header && !labels;
    return status;
}

static enum status read_names(struct reading *reading)
{
    reading->names = memory_allocate(reading->context, reading->width, sizeof *reading->names);
    if (reading->names == NULL)
        return no_memory(reading);
    for (size_t i = 0; i < reading->width; i++) {
        const struct csv_field *field = &reading->first.fields[i];
        enum status status = check_text(reading, field, i);
        if (status != STATUS_OK)
            return status;
        char number[32];
        int number_length = snprintf(number, sizeof number, "column%zu", i + 1);
        reading->names[i] = memory_allocate(
            reading->context, (field->length == 0 ? (size_t)number_length : field->length) + 1, 1);
        if (reading->names[i] == NULL)
            return no_memory(reading);
        if (field->length == 0)
            memcpy(reading->names[i], number, (size_t)number_length);
        else
            csv_undouble(field, reading->names[i]);
    }
    return STATUS_OK;
}

static enum status read_first(struct reading *reading)
{
    enum status status = csv_next(&reading->csv, &reading->first, reading->error);
    if (status != STATUS_OK)
        return status;
    if (reading->first.count == 0)
        return csv_refuse(&reading->csv, STATUS_FORMAT, 0, 0, reading->error, "the file is empty");
    reading->width = reading->first.count;
    status = detect_header(reading);
    if (status == STATUS_OK && reading->header)
        status = read_names(reading);
    reading->ahead = reading->header ? NULL : &reading->first;
    return status;
}

/* --- which columns --- */

static enum status refuse_column(struct reading *reading, const char *name)
{
    struct csv *csv = &reading->csv;
    char quoted[CSV_QUOTED], known[CSV_QUOTED];
    csv_quoted(quoted, name, strlen(name));
    size_t line = reading->first.fields[0].line;
    if (!reading->header)
        return csv_refuse(csv, STATUS_ARGUMENT, line, 0, reading->error,
                          "there is no header, so columns go by number, from 1 to %zu, and not by "
                          "a name such as %s",
                          reading->width, quoted);
    const char *nearest = doc_nearest(name, (const char *const *)reading->names, reading->width);
    if (nearest != NULL)
        return csv_refuse(csv, STATUS_ARGUMENT, line, 0, reading->error,
                          "there is no column %s; did you mean %s?", quoted,
                          csv_quoted(known, nearest, strlen(nearest)));
    char list[256] = "";
    size_t used = 0, i = 0;
    for (; i < reading->width && used + CSV_QUOTED + 8 < sizeof list; i++) {
        csv_quoted(known, reading->names[i], strlen(reading->names[i]));
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                                 known);
    }
    return csv_refuse(csv, STATUS_ARGUMENT, line, 0, reading->error,
                      "there is no column %s; the columns are %s%s", quoted, list,
                      i < reading->width ? ", ..." : "");
}

static enum status find_column(struct reading *reading, const struct dataset_column *asked,
                               size_t *position)
{
    size_t line = reading->first.fields[0].line;
    if (asked->name == NULL) {
        if (asked->number == 0 || asked->number > reading->width)
            return csv_refuse(&reading->csv, STATUS_ARGUMENT, line, 0, reading->error,
                              "there is no column %zu; columns go from 1 to %zu", asked->number,
                              reading->width);
        *position = asked->number - 1;
        return STATUS_OK;
    }
    size_t found = 0;
    for (size_t i = reading->width; reading->header && i-- > 0;) {
        if (strcmp(reading->names[i], asked->name) == 0) {
            *position = i;
            found++;
        }
    }
    if (found == 0)
        return refuse_column(reading, asked->name);
    char quoted[CSV_QUOTED];
    if (found > 1)
        return csv_refuse(&reading->csv, STATUS_ARGUMENT, line, 0, reading->error,
                          "%zu columns are called %s; choose one by its number", found,
                          csv_quoted(quoted, asked->name, strlen(asked->name)));
    return STATUS_OK;
}

/* The entry of a file's column in reading->columns, made if need be. */
static size_t use_column(struct reading *reading, size_t position)
{
    size_t i = 0;
    while (i < reading->column_count && reading->columns[i].position != position)
        i++;
    if (i == reading->column_count)
        reading->columns[reading->column_count++].position = position;
    return i;
}

static enum status choose_weights(struct reading *reading)
{
    reading->weights = SIZE_MAX;
    if (reading->options->weights == NULL)
        return STATUS_OK;
    size_t position;
    enum status status = find_column(reading, reading->options->weights, &position);
    if (status != STATUS_OK)
        return status;
    reading->weights = use_column(reading, position);
    reading->columns[reading->weights].is_weight = true;
    return STATUS_OK;
}

static enum status choose_y(struct reading *reading)
{
    const struct dataset_columns *options = reading->options;
    struct dataset_column last = {.number = reading->width};
    if (reading->weights != SIZE_MAX && reading->width > 1 &&
        reading->columns[reading->weights].position == reading->width - 1)
        last.number--;
    bool named = options->y_count > 0;
    reading->y_count = options->no_y ? 0 : named ? options->y_count : 1;
    for (size_t i = 0; i < reading->y_count; i++) {
        size_t position;
        enum status status = find_column(reading, named ? &options->y[i] : &last, &position);
        if (status != STATUS_OK)
            return status;
        reading->y[i] = use_column(reading, position);
        reading->columns[reading->y[i]].in_y = true;
        if (options->classes)
            reading->columns[reading->y[i]].kind = KIND_LABELS;
    }
    if (options->classes && reading->y_count != 1)
        return csv_refuse(&reading->csv, STATUS_ARGUMENT, reading->first.fields[0].line, 0,
                          reading->error, "classes stand in one column of y, and y has %zu",
                          reading->y_count);
    return STATUS_OK;
}

static enum status choose_x(struct reading *reading)
{
    const struct dataset_columns *options = reading->options;
    size_t line = reading->first.fields[0].line, y_columns = reading->column_count;
    for (size_t i = 0; i < options->x_count; i++) {
        size_t position;
        enum status status = find_column(reading, &options->x[i], &position);
        if (status != STATUS_OK)
            return status;
        reading->x[i] = use_column(reading, position);
        if (options->y_count == 0 && reading->columns[reading->x[i]].in_y)
            return csv_refuse(&reading->csv, STATUS_ARGUMENT, line, position + 1, reading->error,
                              "the last column is y unless another is named, so it cannot be in x "
                              "as well; name y");
    }
    reading->x_count = options->x_count;
    for (size_t position = 0; options->x_count == 0 && position < reading->width; position++) {
        bool taken = false;
        for (size_t i = 0; i < y_columns; i++)
            taken = taken || reading->columns[i].position == position;
        if (!taken) {
            /* Not use_column(): every position comes once, and there may be many. */
            reading->columns[reading->column_count].position = position;
            reading->x[reading->x_count++] = reading->column_count++;
        }
    }
    if (reading->x_count == 0)
        return csv_refuse(&reading->csv, STATUS_FORMAT, line, 0, reading->error,
                          reading->width == 1
                              ? "there is one column, and y takes it, so that none is left for x"
                              : "y takes all columns, so that none is left for x");
    for (size_t i = 0; i < reading->x_count; i++)
        reading->columns[reading->x[i]].in_x = true;
    return STATUS_OK;
}

static enum status choose_columns(struct reading *reading)
{
    struct context *context = reading->context;
    const struct dataset_columns *options = reading->options;
    size_t x_room = options->x_count > 0 ? options->x_count : reading->width;
    size_t y_room = options->y_count > 0 ? options->y_count : 1;
    reading->x = memory_allocate(context, x_room, sizeof *reading->x);
    reading->y = memory_allocate(context, y_room, sizeof *reading->y);
    reading->columns = memory_allocate(context, x_room + y_room + 1, sizeof *reading->columns);
    if (reading->x == NULL || reading->y == NULL || reading->columns == NULL)
        return no_memory(reading);
    enum status status = choose_weights(reading);
    if (status == STATUS_OK)
        status = choose_y(reading);
    return status == STATUS_OK ? choose_x(reading) : status;
}

/* --- cells --- */

/* " in column NAME", for messages. */
static const char *column_words(const struct reading *reading, const struct column *column,
                                char *buffer, size_t size)
{
    char quoted[CSV_QUOTED];
    buffer[0] = '\0';
    if (reading->header) {
        const char *name = reading->names[column->position];
        snprintf(buffer, size, " in column %s", csv_quoted(quoted, name, strlen(name)));
    }
    return buffer;
}

static enum status refuse_cell(struct reading *reading, const struct column *column,
                               const struct csv_field *field, enum status status, const char *what)
{
    char quoted[CSV_QUOTED], in_column[CSV_QUOTED + 16];
    csv_quoted(quoted, field->text, field->length);
    column_words(reading, column, in_column, sizeof in_column);
    return csv_refuse(&reading->csv, status, field->line, column->position + 1, reading->error,
                      "%s%s %s", quoted, in_column, what);
}

static enum status read_word(struct reading *reading, struct column *column,
                             const struct csv_field *field, double *cell)
{
    const char *text;
    size_t length, number, before = column->words.count;
    enum status status = field_text(reading, field, &text, &length);
    if (status != STATUS_OK)
        return status;
    if (!words_number(&column->words, reading->context, text, length, &number))
        return no_memory(reading);
    *cell = (double)number;
    if (column->words.count == before)
        return STATUS_OK;
    if (column->in_x && column->words.count > MOST_WORDS) {
        char in_column[CSV_QUOTED + 16];
        return csv_refuse(&reading->csv, STATUS_FORMAT, field->line, column->position + 1,
                          reading->error,
                          "more than %d different words%s: each would be a column of x; choose "
                          "other columns for x",
                          MOST_WORDS, column_words(reading, column, in_column, sizeof in_column));
    }
    return check_text(reading, field, column->position);
}

static bool has_decimal_comma(const struct csv_field *field)
{
    const char *comma = memchr(field->text, ',', field->length);
    if (comma == NULL || field->length >= 64)
        return false;
    char text[64];
    double value;
    memcpy(text, field->text, field->length);
    text[field->length] = '\0';
    text[comma - field->text] = '.';
    return number_read(text, field->length, &value) != NUMBER_NONE;
}

static enum status read_cell(struct reading *reading, struct column *column,
                             const struct csv_field *field, double *cell)
{
    if (column->kind == KIND_LABELS)
        return read_word(reading, column, field, cell);
    enum number_kind number = number_read(field->text, field->length, cell);
    if (number == NUMBER_INFINITE)
        return refuse_cell(reading, column, field, STATUS_NUMBER,
                           "is too large; every number must be finite");
    if (column->kind == KIND_OPEN)
        column->kind = number == NUMBER_FINITE ? KIND_NUMBERS : KIND_WORDS;
    if (column->is_weight && !(number == NUMBER_FINITE && *cell >= 0))
        return refuse_cell(reading, column, field, STATUS_NUMBER,
                           "is no weight; weights are numbers of at least 0");
    if (column->kind == KIND_NUMBERS) {
        if (number == NUMBER_FINITE)
            return STATUS_OK;
        return refuse_cell(reading, column, field, STATUS_FORMAT,
                           has_decimal_comma(field)
                               ? "is not a number; decimals are written with a point"
                               : "is not a number, as the rows above are");
    }
    if (number == NUMBER_FINITE)
        return refuse_cell(reading, column, field, STATUS_FORMAT,
                           "is a number, and the rows above hold words");
    if (has_decimal_comma(field))
        return refuse_cell(reading, column, field, STATUS_FORMAT,
                           "is not a number; decimals are written with a point");
    if (column->in_y && reading->y_count > 1)
        return refuse_cell(reading, column, field, STATUS_FORMAT,
                           "is not a number; words in y need it to be one column of classes");
    return read_word(reading, column, field, cell);
}

static enum status read_row(struct reading *reading, const struct csv_record *record)
{
    if (record->count != reading->width) {
        bool few = record->count < reading->width;
        const struct csv_field *at = &record->fields[few ? record->count - 1 : reading->width];
        return csv_refuse(
            &reading->csv, STATUS_FORMAT, at->line, few ? record->count + 1 : reading->width + 1,
            reading->error, "this row has %zu field%s, and line %zu has %zu", record->count,
            record->count == 1 ? "" : "s", reading->first.fields[0].line, reading->width);
    }
    for (size_t i = 0; i < reading->column_count; i++) {
        const struct column *column = &reading->columns[i];
        const struct csv_field *field = &record->fields[column->position];
        if (!csv_is_missing(field->text, field->length))
            continue;
        if (reading->options->drop_missing)
            return STATUS_OK;
        char in_column[CSV_QUOTED + 16], quoted[CSV_QUOTED];
        column_words(reading, column, in_column, sizeof in_column);
        return csv_refuse(
            &reading->csv, STATUS_FORMAT, field->line, column->position + 1, reading->error,
            "%s%s is a missing value; missing = \"drop\" leaves such rows out",
            field->length == 0 ? "the empty field" : csv_quoted(quoted, field->text, field->length),
            in_column);
    }
    if (reading->rows == reading->row_capacity) {
        size_t capacity = reading->row_capacity == 0 ? 64 : 2 * reading->row_capacity;
        /* The width of a file is at most its size, so the product of the sizes does not wrap. */
        double *cells = memory_resize(reading->context, reading->cells, capacity,
                                      reading->column_count * sizeof *cells);
        if (cells == NULL)
            return no_memory(reading);
        reading->cells = cells;
        reading->row_capacity = capacity;
    }
    double *cells = reading->cells + reading->rows * reading->column_count;
    for (size_t i = 0; i < reading->column_count; i++) {
        struct column *column = &reading->columns[i];
        enum status status = read_cell(reading, column, &record->fields[column->position],
                                       &cells[i]);
        if (status != STATUS_OK)
            return status;
    }
    reading->rows++;
    return STATUS_OK;
}

static enum status read_rows(struct reading *reading)
{
    size_t seen = 0;
    for (;; seen++) {
        struct csv_record *record = reading->ahead;
        enum status status = STATUS_OK;
        if (record == NULL) {
            record = &reading->record;
            status = csv_next(&reading->csv, record, reading->error);
        }
        reading->ahead = NULL;
        if (status == STATUS_OK && record->count == 0)
            break;
        if (status == STATUS_OK)
            status = read_row(reading, record);
        if (status != STATUS_OK)
            return status;
        if (seen % POLL == 0 && context_take_interrupt(reading->context))
            return csv_refuse(&reading->csv, STATUS_INTERRUPTED, reading->csv.line, 0,
                              reading->error, "interrupted while reading");
    }
    if (reading->rows > 0)
        return STATUS_OK;
    return csv_refuse(&reading->csv, STATUS_FORMAT, reading->first.fields[0].line, 0,
                      reading->error,
                      seen == 0 ? "there are no rows below the header"
                                : "every row has a missing value, so none is left");
}

/* --- x and y --- */

static enum status sort_words(struct reading *reading)
{
    struct context *context = reading->context;
    for (size_t i = 0; i < reading->column_count; i++) {
        struct column *column = &reading->columns[i];
        if (column->kind == KIND_NUMBERS)
            continue;
        column->ranks = memory_allocate(context, column->words.count, sizeof *column->ranks);
        column->firsts = memory_allocate(context, column->words.count, sizeof *column->firsts);
        if (column->ranks == NULL || column->firsts == NULL)
            return no_memory(reading);
        int numeric = words_sort(&column->words, context, column->kind == KIND_LABELS,
                                 column->ranks, column->firsts, &column->places);
        if (numeric < 0)
            return no_memory(reading);
        column->numeric = numeric > 0;
    }
    return STATUS_OK;
}

/* The word at a place in the order: a number in its shortest form, so that 01 and 1.0 are "1". */
static char *place_name(struct reading *reading, const struct column *column, size_t place,
                        const char *before)
{
    const char *text = words_text(&column->words, column->firsts[place]);
    char number[32];
    if (column->numeric) {
        double value;
        number_read(text, strlen(text), &value);
        number_write(value == 0 ? 0 : value, number, sizeof number);
        text = number;
    }
    size_t size = strlen(before) + strlen(text) + 2;
    char *name = memory_allocate(reading->context, size, 1);
    if (name != NULL)
        snprintf(name, size, "%s%s%s", before, *before != '\0' ? "=" : "", text);
    return name;
}

static bool name_x(struct reading *reading, struct dataset *dataset)
{
    size_t at = 0;
    for (size_t k = 0; k < reading->x_count; k++) {
        const struct column *column = &reading->columns[reading->x[k]];
        char number[32] = "x";
        if (reading->x_count > 1)
            snprintf(number, sizeof number, "x%zu", k + 1);
        const char *name = reading->header ? reading->names[column->position] : number;
        if (column->kind == KIND_NUMBERS) {
            dataset->x_names[at] = memory_copy_text(reading->context, name);
            if (dataset->x_names[at++] == NULL)
                return false;
            continue;
        }
        for (size_t place = 0; place < column->places; place++) {
            dataset->x_names[at] = place_name(reading, column, place, name);
            if (dataset->x_names[at++] == NULL)
                return false;
        }
    }
    return true;
}

static bool name_y(struct reading *reading, struct dataset *dataset)
{
    for (size_t k = 0; reading->header && k < reading->y_count; k++) {
        const struct column *column = &reading->columns[reading->y[k]];
        dataset->y_names[k] = memory_copy_text(reading->context, reading->names[column->position]);
        if (dataset->y_names[k] == NULL)
            return false;
    }
    for (size_t place = 0; place < dataset->classes; place++) {
        dataset->class_names[place] = place_name(reading, &reading->columns[reading->y[0]], place,
                                                 "");
        if (dataset->class_names[place] == NULL)
            return false;
    }
    return true;
}

static void fill(const struct reading *reading, struct dataset *dataset)
{
    for (size_t row = 0; row < reading->rows; row++) {
        const double *cells = reading->cells + row * reading->column_count;
        double *x = dataset->x + row * dataset->inputs, *y = dataset->y + row * dataset->outputs;
        for (size_t k = 0; k < reading->x_count; k++) {
            const struct column *column = &reading->columns[reading->x[k]];
            double cell = cells[reading->x[k]];
            if (column->kind == KIND_NUMBERS) {
                *x++ = cell;
            } else {
                x[column->ranks[(size_t)cell]] = 1;
                x += column->places;
            }
        }
        if (reading->weights != SIZE_MAX)
            dataset->weights[row] = cells[reading->weights];
        for (size_t k = 0; k < reading->y_count; k++) {
            const struct column *column = &reading->columns[reading->y[k]];
            double cell = cells[reading->y[k]];
            y[k] = column->kind == KIND_NUMBERS ? cell : (double)(column->ranks[(size_t)cell] + 1);
        }
    }
}

char *dataset_name_of(struct context *context, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = memory_copy_text(context, slash == NULL ? path : slash + 1);
    char *dot = name == NULL ? NULL : strrchr(name, '.');
    if (dot != NULL && dot > name)
        *dot = '\0';
    return name;
}

static enum status build(struct reading *reading, struct dataset **dataset)
{
    enum status status = sort_words(reading);
    if (status != STATUS_OK)
        return status;
    csv_close(&reading->csv); /* the largest block is not needed any more */
    size_t inputs = 0, classes = 0;
    for (size_t k = 0; k < reading->x_count; k++) {
        const struct column *column = &reading->columns[reading->x[k]];
        inputs += column->kind == KIND_NUMBERS ? 1 : column->places;
    }
    if (reading->y_count == 1 && reading->columns[reading->y[0]].kind != KIND_NUMBERS)
        classes = reading->columns[reading->y[0]].places;
    char *name = dataset_name_of(reading->context, reading->csv.path);
    if (name == NULL)
        return no_memory(reading);
    struct dataset *made;
    status = dataset_allocate(&made, reading->context, name, reading->rows, inputs,
                              reading->y_count, classes, reading->error);
    memory_free(reading->context, name);
    if (status != STATUS_OK)
        return status;
    if (!name_x(reading, made) || !name_y(reading, made))
        status = no_memory(reading);
    else
        status = dataset_complete_names(made, reading->error);
    if (status == STATUS_OK && reading->weights != SIZE_MAX)
        status = dataset_add_weights(made, reading->error);
    if (status != STATUS_OK) {
        dataset_release(made);
        return status;
    }
    fill(reading, made);
    if (made->weights != NULL && !(dataset_weight(made) > 0)) {
        dataset_release(made);
        return csv_refuse(&reading->csv, STATUS_NUMBER, reading->first.fields[0].line, 0,
                          reading->error, "all weights are 0, so no example counts");
    }
    *dataset = made;
    return STATUS_OK;
}

static void free_reading(struct reading *reading)
{
    struct context *context = reading->context;
    for (size_t i = 0; i < reading->column_count; i++) {
        words_free(&reading->columns[i].words, context);
        memory_free(context, reading->columns[i].ranks);
        memory_free(context, reading->columns[i].firsts);
    }
    for (size_t i = 0; reading->names != NULL && i < reading->width; i++)
        memory_free(context, reading->names[i]);
    memory_free(context, reading->names);
    memory_free(context, reading->columns);
    memory_free(context, reading->x);
    memory_free(context, reading->y);
    memory_free(context, reading->cells);
    memory_free(context, reading->scratch);
    csv_record_free(&reading->csv, &reading->first);
    csv_record_free(&reading->csv, &reading->record);
    csv_close(&reading->csv);
}

enum status dataset_read(struct dataset **dataset, struct context *context, const char *path,
                         const struct dataset_columns *columns, struct error *error)
{
    *dataset = NULL;
    const struct dataset_columns standard = {0};
    if (numpy_kind(path) != NUMPY_NONE)
        return numpy_read(dataset, context, path, columns == NULL ? &standard : columns, error);
    struct reading reading = {
        .context = context, .options = columns == NULL ? &standard : columns, .error = error};
    struct number_locale locale;
    enum status status = number_locale_enter(&locale, error);
    if (status != STATUS_OK)
        return status;
    status = csv_open(&reading.csv, context, path, error);
    if (status == STATUS_OK) {
        status = read_first(&reading);
        if (status == STATUS_OK)
            status = choose_columns(&reading);
        if (status == STATUS_OK)
            status = read_rows(&reading);
        if (status == STATUS_OK)
            status = build(&reading, dataset);
        free_reading(&reading);
    }
    number_locale_leave(&locale);
    return status;
}
