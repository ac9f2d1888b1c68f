/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/numpy.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/doc.h"
#include "base/memory.h"
#include "dataset/csv.h"
#include "dataset/npy.h"
#include "dataset/number.h"
#include "dataset/output.h"
#include "dataset/storage.h"
#include "dataset/words.h"
#include "dataset/zip.h"

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcasecmp(path + length - tail, ending) == 0;
}

enum numpy_kind numpy_kind(const char *path)
{
    return ends_in(path, ".npy") ? NUMPY_ARRAY : ends_in(path, ".npz") ? NUMPY_ARCHIVE : NUMPY_NONE;
}

/* === reading === */

enum { MOST_ARRAYS = 256, NAME = 64, LABEL = NAME + 8 };

/* An array of the file. One of an archive is unpacked when it is first asked for. */
struct member {
    char name[NAME]; /* without .npy */
    struct zip_member zipped;
    bool is_open;
    void *own;
    struct npy npy;
};

/* Some columns of an array. */
struct part {
    const struct npy *npy;
    size_t first, count;
    const char *name;
};

struct reading {
    struct context *context;
    const struct dataset_columns *options;
    const char *path;
    char where[sizeof((struct error *)0)->where];
    struct csv file;
    struct zip zip;
    struct member *members;
    size_t member_count;
    struct part *x, *y, weights;
    size_t x_count, y_count;
    size_t *rows; /* those that are kept */
    size_t row_count;
    double *numbers[3]; /* x, y, weights */
    struct words words; /* labels of y */
    size_t *ranks, *firsts;
    char **names[3]; /* of the columns of x, of y, of the classes; NULL: none */
    size_t name_counts[3];
    struct error *error;
};

static enum status no_memory(struct reading *reading)
{
    return error_memory(reading->error, "this file's data");
}

/* --- arrays --- */

static enum status open_member(struct reading *reading, struct member *member)
{
    if (member->is_open)
        return STATUS_OK;
    char label[LABEL];
    snprintf(label, sizeof label, "array %s", member->name);
    const unsigned char *bytes;
    enum status status =
        zip_read(&reading->zip, &member->zipped, &bytes, &member->own, reading->error);
    if (status == STATUS_OK)
        status = npy_open(&member->npy, bytes, (size_t)member->zipped.size, reading->where, label,
                          reading->error);
    member->is_open = status == STATUS_OK;
    return status;
}

static struct member *find_member(struct reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->member_count; i++)
        if (strcmp(reading->members[i].name, name) == 0)
            return &reading->members[i];
    return NULL;
}

static enum status refuse_name(struct reading *reading, const char *argument, const char *name)
{
    char list[256] = "";
    size_t used = 0, i = 0;
    for (; i < reading->member_count && used + NAME + 8 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                                 reading->members[i].name);
    return error_set(reading->error, STATUS_ARGUMENT, reading->where,
                     "there is no array %s; the file holds %s%s; say which one is %s: {%s = "
                     "\"NAME\"}",
                     name, list, i < reading->member_count ? ", ..." : "", argument, argument);
}

/* The array that the option names, or the standard one. */
static enum status find_array(struct reading *reading, const char *argument,
                              const struct dataset_column *asked, struct member **member)
{
    if (asked != NULL && asked->name == NULL)
        return error_set(reading->error, STATUS_ARGUMENT, reading->where,
                         "%s: the arrays of a .npz file go by name", argument);
    *member = find_member(reading, asked != NULL ? asked->name : argument);
    if (*member == NULL && asked == NULL) {
        char large[2] = {(char)(argument[0] - 'a' + 'A'), '\0'};
        *member = find_member(reading, large);
    }
    if (*member == NULL)
        return refuse_name(reading, argument, asked != NULL ? asked->name : argument);
    return open_member(reading, *member);
}

static enum status list_members(struct reading *reading)
{
    size_t room = reading->zip.members < MOST_ARRAYS ? reading->zip.members : MOST_ARRAYS, at = 0;
    reading->members = memory_allocate(reading->context, room, sizeof *reading->members);
    if (reading->members == NULL)
        return no_memory(reading);
    for (bool more = true; more;) {
        struct zip_member zipped;
        enum status status = zip_next(&reading->zip, &at, &zipped, &more, reading->error);
        if (status != STATUS_OK)
            return status;
        if (!more || reading->member_count == room)
            break;
        size_t length = zipped.name_length;
        if (length < 5 || length - 4 >= NAME || memcmp(zipped.name + length - 4, ".npy", 4) != 0)
            continue;
        struct member *member = &reading->members[reading->member_count++];
        member->zipped = zipped;
        memcpy(member->name, zipped.name, length - 4);
    }
    if (reading->member_count == 0)
        return error_set(reading->error, STATUS_FORMAT, reading->where,
                         "the archive holds no arrays, as numpy.savez writes them");
    return STATUS_OK;
}

static enum status choose_side(struct reading *reading, const char *argument,
                               const struct dataset_column *asked, size_t count,
                               struct part **parts, size_t *part_count)
{
    size_t room = count > 0 ? count : 1;
    *parts = memory_allocate(reading->context, room, sizeof **parts);
    if (*parts == NULL)
        return no_memory(reading);
    for (size_t i = 0; i < room; i++) {
        struct member *member;
        enum status status =
            find_array(reading, argument, count > 0 ? &asked[i] : NULL, &member);
        if (status != STATUS_OK)
            return status;
        (*parts)[(*part_count)++] = (struct part){&member->npy, 0, member->npy.cols, member->name};
    }
    return STATUS_OK;
}

static enum status choose_arrays(struct reading *reading)
{
    const struct dataset_columns *options = reading->options;
    enum status status = choose_side(reading, "x", options->x, options->x_count, &reading->x,
                                     &reading->x_count);
    bool has_y = options->y_count > 0 || find_member(reading, "y") || find_member(reading, "Y");
    if (status == STATUS_OK && !options->no_y && has_y)
        status = choose_side(reading, "y", options->y, options->y_count, &reading->y,
                             &reading->y_count);
    struct member *weights = NULL;
    if (status == STATUS_OK && (options->weights || find_member(reading, "weights")))
        status = find_array(reading, "weights", options->weights, &weights);
    if (status == STATUS_OK && weights != NULL)
        reading->weights = (struct part){&weights->npy, 0, weights->npy.cols, weights->name};
    return status;
}

/* Columns of the one array of a .npy file, by number. */
static enum status choose_columns(struct reading *reading, const struct npy *npy)
{
    const struct dataset_columns *options = reading->options;
    size_t x_room = options->x_count > 0 ? options->x_count : npy->cols;
    size_t y_room = options->y_count > 0 ? options->y_count : 1;
    reading->x = memory_allocate(reading->context, x_room, sizeof *reading->x);
    reading->y = memory_allocate(reading->context, y_room, sizeof *reading->y);
    if (reading->x == NULL || reading->y == NULL)
        return no_memory(reading);
    const struct dataset_column *lists[] = {options->x, options->y, options->weights};
    const size_t counts[] = {options->x_count, options->y_count, options->weights != NULL};
    for (int side = 0; side < 3; side++)
        for (size_t i = 0; i < counts[side]; i++) {
            size_t number = lists[side][i].number;
            if (lists[side][i].name != NULL)
                return error_set(reading->error, STATUS_ARGUMENT, reading->where,
                                 "the columns of a .npy file have no names; give their numbers, "
                                 "from 1 to %zu",
                                 npy->cols);
            if (number < 1 || number > npy->cols)
                return error_set(reading->error, STATUS_ARGUMENT, reading->where,
                                 "there is no column %zu; columns go from 1 to %zu", number,
                                 npy->cols);
            struct part part = {npy, number - 1, 1, "array"};
            if (side == 0)
                reading->x[reading->x_count++] = part;
            else if (side == 1)
                reading->y[reading->y_count++] = part;
            else
                reading->weights = part;
        }
    size_t last = npy->cols;
    if (options->weights != NULL && reading->weights.first == last - 1)
        last--;
    if (options->y_count == 0 && !options->no_y && last > 1)
        reading->y[reading->y_count++] = (struct part){npy, last - 1, 1, "array"};
    for (size_t k = 0; options->x_count == 0 && k < npy->cols; k++) {
        bool taken = options->weights != NULL && reading->weights.first == k;
        for (size_t i = 0; i < reading->y_count; i++)
            taken = taken || reading->y[i].first == k;
        if (!taken)
            reading->x[reading->x_count++] = (struct part){npy, k, 1, "array"};
    }
    if (reading->x_count == 0)
        return error_set(reading->error, STATUS_SHAPE, reading->where,
                         "y takes all columns, so that none is left for x");
    return STATUS_OK;
}

/* --- numbers --- */

static size_t columns_of(const struct part *parts, size_t count)
{
    size_t columns = 0;
    for (size_t i = 0; i < count; i++)
        columns += parts[i].count;
    return columns;
}

static enum status check_part(struct reading *reading, const struct part *part, bool text_allowed)
{
    if (part->npy == NULL)
        return STATUS_OK;
    size_t rows = reading->x[0].npy->rows;
    if (part->npy->rows != rows)
        return error_set(reading->error, STATUS_SHAPE, reading->where,
                         "array %s has %zu rows, and %s has %zu", part->name, part->npy->rows,
                         reading->x[0].name, rows);
    if (npy_is_text(part->npy) && !text_allowed)
        return error_set(reading->error, STATUS_UNSUPPORTED, reading->where,
                         "array %s holds text; only one column of y may, as classes", part->name);
    return STATUS_OK;
}

static enum status check_parts(struct reading *reading)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < reading->x_count && status == STATUS_OK; i++)
        status = check_part(reading, &reading->x[i], false);
    size_t outputs = columns_of(reading->y, reading->y_count);
    for (size_t i = 0; i < reading->y_count && status == STATUS_OK; i++)
        status = check_part(reading, &reading->y[i], outputs == 1);
    if (status == STATUS_OK && reading->options->classes && outputs != 1)
        return error_set(reading->error, STATUS_ARGUMENT, reading->where,
                         "classes stand in one column of y, and y has %zu", outputs);
    if (status == STATUS_OK && reading->weights.npy != NULL && reading->weights.count != 1)
        return error_set(reading->error, STATUS_SHAPE, reading->where,
                         "weights are one number for each example, and %s has %zu columns",
                         reading->weights.name, reading->weights.count);
    return status == STATUS_OK ? check_part(reading, &reading->weights, false) : status;
}

static bool has_nan(const struct part *parts, size_t count, size_t row)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; parts[i].npy != NULL && k < parts[i].count; k++)
            if (!npy_is_text(parts[i].npy) &&
                isnan(npy_number(parts[i].npy, row, parts[i].first + k)))
                return true;
    return false;
}

static enum status choose_rows(struct reading *reading)
{
    size_t rows = reading->x[0].npy->rows;
    reading->rows = memory_allocate(reading->context, rows, sizeof *reading->rows);
    if (reading->rows == NULL)
        return no_memory(reading);
    for (size_t row = 0; row < rows; row++) {
        const char *missing = has_nan(reading->x, reading->x_count, row)   ? "x"
                              : has_nan(reading->y, reading->y_count, row) ? "y"
                              : has_nan(&reading->weights, 1, row)         ? "weights"
                                                                           : NULL;
        if (missing != NULL && !reading->options->drop_missing)
            return error_set(reading->error, STATUS_FORMAT, reading->where,
                             "row %zu of %s has a NaN, a missing value; missing = \"drop\" leaves "
                             "such rows out",
                             row + 1, missing);
        if (missing == NULL)
            reading->rows[reading->row_count++] = row;
    }
    if (reading->row_count == 0)
        return error_set(reading->error, STATUS_FORMAT, reading->where,
                         "every row has a missing value, so none is left");
    return STATUS_OK;
}

static enum status take_numbers(struct reading *reading, const struct part *parts, size_t count,
                                double **numbers)
{
    size_t columns = columns_of(parts, count);
    *numbers = memory_allocate(reading->context, reading->row_count, columns * sizeof **numbers);
    if (*numbers == NULL)
        return no_memory(reading);
    double *to = *numbers;
    for (size_t row = 0; row < reading->row_count; row++)
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < parts[i].count; k++)
                *to++ = npy_number(parts[i].npy, reading->rows[row], parts[i].first + k);
    return STATUS_OK;
}

/* Labels become 1 .. k in sorted order; those that are numbers in that of numbers. */
static enum status take_labels(struct reading *reading, struct dataset_source *source)
{
    const struct part *part = &reading->y[0];
    size_t rows = reading->row_count, classes = 0;
    char *text = memory_allocate(reading->context, npy_text_room(part->npy) + 32, 1);
    double *y = memory_allocate(reading->context, rows, sizeof *y);
    reading->numbers[1] = y;
    bool fine = text != NULL && y != NULL;
    for (size_t row = 0; row < rows && fine; row++) {
        size_t number, length;
        if (npy_is_text(part->npy))
            length = npy_text(part->npy, reading->rows[row], part->first, text);
        else
            length = number_write(npy_number(part->npy, reading->rows[row], part->first) + 0.0,
                                  text, 32);
        fine = words_number(&reading->words, reading->context, text, length, &number);
        y[row] = (double)number;
    }
    memory_free(reading->context, text);
    size_t count = reading->words.count;
    reading->ranks = memory_allocate(reading->context, count, sizeof *reading->ranks);
    reading->firsts = memory_allocate(reading->context, count, sizeof *reading->firsts);
    reading->names[2] = memory_allocate(reading->context, count, sizeof *reading->names[2]);
    fine = fine && reading->ranks && reading->firsts && reading->names[2] &&
           words_sort(&reading->words, reading->context, !npy_is_text(part->npy), reading->ranks,
                      reading->firsts, &classes) >= 0;
    for (size_t row = 0; row < rows && fine; row++)
        y[row] = (double)(reading->ranks[(size_t)y[row]] + 1);
    for (size_t place = 0; place < classes && fine; place++) {
        reading->names[2][place] = memory_copy_text(
            reading->context, words_text(&reading->words, reading->firsts[place]));
        reading->name_counts[2] = place + 1;
        fine = reading->names[2][place] != NULL;
    }
    source->classes = classes;
    return fine ? STATUS_OK : no_memory(reading);
}

/* An array of texts that dataset_write put beside the numbers: `wanted` of them, or any number
 * (SIZE_MAX). Another array of that name is passed over. */
static enum status take_names(struct reading *reading, const char *array, size_t wanted, int side)
{
    struct member *member = find_member(reading, array);
    if (member == NULL)
        return STATUS_OK;
    enum status status = open_member(reading, member);
    if (status != STATUS_OK)
        return status;
    const struct npy *npy = &member->npy;
    if (!npy_is_text(npy) || npy->cols != 1 || (wanted != SIZE_MAX && npy->rows != wanted))
        return STATUS_OK;
    char *text = memory_allocate(reading->context, npy_text_room(npy), 1);
    reading->names[side] = memory_allocate(reading->context, npy->rows, sizeof(char *));
    bool fine = text != NULL && reading->names[side] != NULL;
    for (size_t i = 0; i < npy->rows && fine; i++) {
        npy_text(npy, i, 0, text);
        reading->names[side][i] = memory_copy_text(reading->context, text);
        reading->name_counts[side] = i + 1;
        fine = reading->names[side][i] != NULL;
    }
    memory_free(reading->context, text);
    return fine ? STATUS_OK : no_memory(reading);
}

static enum status build(struct reading *reading, struct dataset **dataset)
{
    char *name = dataset_name_of(reading->context, reading->path);
    struct dataset_source source = {.name = name,
                                    .inputs = columns_of(reading->x, reading->x_count),
                                    .outputs = columns_of(reading->y, reading->y_count)};
    enum status status = name == NULL ? no_memory(reading) : check_parts(reading);
    if (status == STATUS_OK)
        status = choose_rows(reading);
    if (status == STATUS_OK)
        status = take_numbers(reading, reading->x, reading->x_count, &reading->numbers[0]);
    bool labels = source.outputs == 1 &&
                  (reading->options->classes || npy_is_text(reading->y[0].npy));
    if (status == STATUS_OK && labels)
        status = take_labels(reading, &source);
    else if (status == STATUS_OK && source.outputs > 0)
        status = take_numbers(reading, reading->y, reading->y_count, &reading->numbers[1]);
    if (status == STATUS_OK && reading->weights.npy != NULL)
        status = take_numbers(reading, &reading->weights, 1, &reading->numbers[2]);
    if (status == STATUS_OK)
        status = take_names(reading, "x_names", source.inputs, 0);
    if (status == STATUS_OK)
        status = take_names(reading, "y_names", source.outputs, 1);
    if (status == STATUS_OK && !labels && source.outputs == 1)
        status = take_names(reading, "classes", SIZE_MAX, 2);
    if (status == STATUS_OK) {
        source.examples = reading->row_count;
        source.x = reading->numbers[0];
        source.y = reading->numbers[1];
        source.weights = reading->numbers[2];
        source.x_names = (const char *const *)reading->names[0];
        source.y_names = (const char *const *)reading->names[1];
        source.class_names = (const char *const *)reading->names[2];
        source.classes = reading->name_counts[2];
        status = dataset_new(dataset, reading->context, &source, reading->error);
    }
    memory_free(reading->context, name);
    return status;
}

static void free_reading(struct reading *reading)
{
    struct context *context = reading->context;
    for (size_t i = 0; i < reading->member_count; i++)
        memory_free(context, reading->members[i].own);
    for (int side = 0; side < 3; side++) {
        for (size_t i = 0; i < reading->name_counts[side]; i++)
            memory_free(context, reading->names[side][i]);
        memory_free(context, reading->names[side]);
        memory_free(context, reading->numbers[side]);
    }
    memory_free(context, reading->members);
    memory_free(context, reading->x);
    memory_free(context, reading->y);
    memory_free(context, reading->rows);
    memory_free(context, reading->ranks);
    memory_free(context, reading->firsts);
    words_free(&reading->words, context);
    csv_close(&reading->file);
}

enum status numpy_read(struct dataset **dataset, struct context *context, const char *path,
                       const struct dataset_columns *columns, struct error *error)
{
    struct reading reading = {.context = context, .options = columns, .path = path, .error = error};
    struct npy npy;
    struct number_locale locale;
    *dataset = NULL;
    enum status status = number_locale_enter(&locale, error);
    if (status != STATUS_OK)
        return status;
    csv_place(reading.where, sizeof reading.where, path, 0, 0);
    reading.file = (struct csv){.context = context, .path = path, .binary = true};
    status = csv_load(&reading.file, error);
    if (status == STATUS_OK && numpy_kind(path) == NUMPY_ARRAY) {
        status = npy_open(&npy, reading.file.block, reading.file.size, reading.where, "the file",
                          error);
        if (status == STATUS_OK)
            status = choose_columns(&reading, &npy);
    } else if (status == STATUS_OK) {
        status = zip_open(&reading.zip, context, path, reading.file.block, reading.file.size,
                          error);
        if (status == STATUS_OK)
            status = list_members(&reading);
        if (status == STATUS_OK)
            status = choose_arrays(&reading);
    }
    if (status == STATUS_OK)
        status = build(&reading, dataset);
    free_reading(&reading);
    number_locale_leave(&locale);
    return status;
}

/* === writing === */

/* Bytes in turn: counted and summed up for the archive's headers, or written. */
struct sink {
    struct output *output; /* NULL: only counted */
    uint32_t crc;
    size_t size;
};

static void put(struct sink *sink, const void *bytes, size_t size)
{
    if (sink->output != NULL)
        output_put(sink->output, bytes, size);
    else
        sink->crc = zip_crc(sink->crc, bytes, size);
    sink->size += size;
}

static void put_numbers(struct sink *sink, const double *numbers, size_t rows, size_t columns)
{
    enum { AT_ONCE = 1 << 20 };
    char header[NPY_HEADER];
    size_t length = npy_header(header, rows, columns > 1 ? columns : 0, 0);
    put(sink, header, length);
    for (size_t at = 0; at < rows * columns; at += AT_ONCE) {
        size_t left = rows * columns - at;
        put(sink, numbers + at, (left < AT_ONCE ? left : AT_ONCE) * sizeof *numbers);
    }
}

/* One code point of UTF-8; what is none stands for itself. */
static const char *next_code(const char *text, uint32_t *code)
{
    unsigned char first = (unsigned char)*text++;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    *code = more == 0 ? first : first & (0x3fu >> more);
    for (; more > 0 && ((unsigned char)*text & 0xc0) == 0x80; more--)
        *code = *code << 6 | ((unsigned char)*text++ & 0x3f);
    return text;
}

static void put_texts(struct sink *sink, char *const *texts, size_t count)
{
    size_t longest = 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        uint32_t code;
        for (const char *at = texts[i]; *at != '\0'; length++)
            at = next_code(at, &code);
        longest = length > longest ? length : longest;
    }
    char header[NPY_HEADER];
    size_t length = npy_header(header, count, 0, longest);
    put(sink, header, length);
    for (size_t i = 0; i < count; i++) {
        const char *at = texts[i];
        for (size_t k = 0; k < longest; k++) {
            uint32_t code = 0;
            if (*at != '\0')
                at = next_code(at, &code);
            put(sink, &code, sizeof code);
        }
    }
}

static void put_rows(struct sink *sink, const struct dataset *dataset)
{
    size_t inputs = dataset->inputs, outputs = dataset->outputs, columns = inputs + outputs;
    char header[NPY_HEADER];
    size_t length = npy_header(header, dataset->examples, columns > 1 ? columns : 0, 0);
    put(sink, header, length);
    for (size_t i = 0; i < dataset->examples; i++) {
        put(sink, dataset->x + i * inputs, inputs * sizeof(double));
        if (outputs > 0)
            put(sink, dataset->y + i * outputs, outputs * sizeof(double));
    }
}

enum status numpy_write_array(const struct dataset *dataset, const char *path,
                              struct error *error)
{
    if (dataset->weights != NULL)
        return error_set(error, STATUS_UNSUPPORTED, "write",
                         "a .npy file is one array, without weights; let the name end in .npz");
    struct sink sink = {0};
    enum status status = output_open(&sink.output, dataset->context, path, error);
    if (status != STATUS_OK)
        return status;
    put_rows(&sink, dataset);
    return output_close(sink.output, error);
}

/* The member with this number into the sink; its name, or NULL where there is none. */
static const char *put_member(struct sink *sink, const struct dataset *dataset, size_t number)
{
    size_t rows = dataset->examples, inputs = dataset->inputs, outputs = dataset->outputs;
    switch (number) {
    case 0: put_numbers(sink, dataset->x, rows, inputs); return "x.npy";
    case 1:
        if (outputs > 0)
            put_numbers(sink, dataset->y, rows, outputs);
        return outputs > 0 ? "y.npy" : NULL;
    case 2:
        if (dataset->weights != NULL)
            put_numbers(sink, dataset->weights, rows, 1);
        return dataset->weights != NULL ? "weights.npy" : NULL;
    case 3:
        if (dataset->classes > 0)
            put_texts(sink, dataset->class_names, dataset->classes);
        return dataset->classes > 0 ? "classes.npy" : NULL;
    case 4: put_texts(sink, dataset->x_names, inputs); return "x_names.npy";
    default:
        if (outputs > 0)
            put_texts(sink, dataset->y_names, outputs);
        return outputs > 0 ? "y_names.npy" : NULL;
    }
}

enum status numpy_write_archive(const struct dataset *dataset, const char *path,
                                struct error *error)
{
    enum { MEMBERS = 6 };
    size_t total = 0;
    struct sink counted[MEMBERS] = {{0}};
    const char *names[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        names[i] = put_member(&counted[i], dataset, i);
        total += counted[i].size;
    }
    if (total > UINT32_MAX - 4096)
        return error_set(error, STATUS_UNSUPPORTED, "write",
                         "a .npz file of more than 4 GB is not written; let the name end in .npy");
    struct zip_writer writer = {0};
    enum status status = output_open(&writer.output, dataset->context, path, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (names[i] == NULL)
            continue;
        zip_put_member(&writer, names[i], counted[i].crc, (uint32_t)counted[i].size);
        struct sink sink = {.output = writer.output};
        put_member(&sink, dataset, i);
    }
    zip_put_directory(&writer);
    return output_close(writer.output, error);
}
