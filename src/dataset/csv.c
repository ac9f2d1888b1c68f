/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* --- messages --- */

void csv_place(char *where, size_t size, const char *path, size_t line, size_t column)
{
    char place[48] = "";
    int length = 0;
    if (line > 0)
        length = snprintf(place, sizeof place, ":%zu", line);
    if (line > 0 && column > 0)
        snprintf(place + length, sizeof place - (size_t)length, ":%zu", column);
    size_t room = size - strlen(place) - 1, path_length = strlen(path);
    const char *dots = "";
    if (path_length > room) {
        dots = "...";
        path += path_length - (room - 3);
        while (((unsigned char)*path & 0xC0) == 0x80) /* not inside a character */
            path++;
    }
    snprintf(where, size, "%s%s%s", dots, path, place);
}

enum status csv_refuse(const struct csv *csv, enum status status, size_t line, size_t column,
                       struct error *error, const char *format, ...)
{
    if (error == NULL)
        return status;
    char where[sizeof error->where], text[sizeof error->text];
    csv_place(where, sizeof where, csv->path, line, column);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(error, status, where, "%s", text);
}

/* Bytes of the UTF-8 character at the start of text; 0 when there is none. */
static size_t character_length(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (byte[0] < 0x80)
        return 1;
    size_t needed = byte[0] >= 0xF5   ? 0
                    : byte[0] >= 0xF0 ? 4
                    : byte[0] >= 0xE0 ? 3
                    : byte[0] >= 0xC2 ? 2
                                      : 0;
    if (needed == 0 || needed > length)
        return 0;
    for (size_t i = 1; i < needed; i++)
        if ((byte[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xF0 && byte[1] < 0x90);
    bool surrogate = byte[0] == 0xED && byte[1] >= 0xA0;
    bool beyond = byte[0] == 0xF4 && byte[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : needed;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

size_t csv_text_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length) {
        size_t bytes = character_length(text + i, length - i);
        if (bytes == 0 ||
            (is_control(text[i]) && text[i] != '\t' && text[i] != '\n' && text[i] != '\r'))
            break;
        i += bytes;
    }
    return i;
}

char *csv_quoted(char buffer[CSV_QUOTED], const char *text, size_t length)
{
    size_t used = 0, i = 0;
    buffer[used++] = '"';
    while (i < length && used < CSV_QUOTED - 9) {
        size_t bytes = character_length(text + i, length - i);
        if (bytes == 0 || is_control(text[i])) {
            buffer[used++] = text[i] == '\n' || text[i] == '\r' || text[i] == '\t' ? ' ' : '?';
            i++;
            continue;
        }
        memcpy(buffer + used, text + i, bytes);
        used += bytes;
        i += bytes;
    }
    snprintf(buffer + used, CSV_QUOTED - used, "%s\"", i < length ? "..." : "");
    return buffer;
}

/* --- the file --- */

bool csv_is_missing(const char *text, size_t length)
{
    return length == 0 || (length == 1 && *text == '?') ||
           (length == 2 && memcmp(text, "NA", 2) == 0) ||
           (length == 3 && strncasecmp(text, "nan", 3) == 0);
}

bool csv_is_tab_separated(const char *path)
{
    size_t length = strlen(path);
    return length >= 4 && (strcasecmp(path + length - 4, ".tsv") == 0 ||
                           strcasecmp(path + length - 4, ".tab") == 0);
}

enum { FIRST_ROOM = 64 * 1024, MOST_AT_ONCE = 1 << 24 };

/* Appends to the block until the end of the file, or the first zero byte where it is text. */
static enum status load_bytes(struct csv *csv, int file, size_t room, struct error *error)
{
    csv->block = memory_allocate(csv->context, room + 1, 1);
    if (csv->block == NULL)
        return csv_refuse(csv, STATUS_MEMORY, 0, 0, error, "not enough memory for this file");
    for (;;) {
        if (csv->size == room) {
            char *larger = memory_resize(csv->context, csv->block, 2 * room + 1, 1);
            if (larger == NULL)
                return csv_refuse(csv, STATUS_MEMORY, 0, 0, error,
                                  "not enough memory for this file");
            csv->block = larger;
            room *= 2;
        }
        size_t wanted = room - csv->size < MOST_AT_ONCE ? room - csv->size : MOST_AT_ONCE;
        ssize_t got = read(file, csv->block + csv->size, wanted);
        if (context_take_interrupt(csv->context))
            return csv_refuse(csv, STATUS_INTERRUPTED, 0, 0, error, "interrupted while reading");
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return csv_refuse(csv, STATUS_FILE, 0, 0, error, "cannot be read: %s", strerror(errno));
        bool zero = !csv->binary && memchr(csv->block + csv->size, '\0', (size_t)got) != NULL;
        csv->size += (size_t)got;
        if (got == 0 || zero)
            break;
    }
    csv->block[csv->size] = '\0';
    return STATUS_OK;
}

enum status csv_load(struct csv *csv, struct error *error)
{
    int file;
    do
        file = open(csv->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (file < 0 && errno == EINTR && atomic_load(&csv->context->interrupted) == 0);
    if (file < 0)
        return csv_refuse(csv, STATUS_FILE, 0, 0, error, "cannot be opened: %s", strerror(errno));
    struct stat state;
    enum status status;
    if (fstat(file, &state) != 0) {
        status = csv_refuse(csv, STATUS_FILE, 0, 0, error, "cannot be read: %s", strerror(errno));
    } else if (S_ISDIR(state.st_mode)) {
        status = csv_refuse(csv, STATUS_FILE, 0, 0, error, "is a folder, not a file");
    } else {
        /* One byte more than the size, so that the end is seen without growing. */
        size_t size = S_ISREG(state.st_mode) && state.st_size > 0 ? (size_t)state.st_size + 1 : 0;
        status = load_bytes(csv, file, size < FIRST_ROOM ? FIRST_ROOM : size, error);
    }
    close(file);
    return status;
}

/* Files that are mistaken for CSV, by their first bytes. */
static const struct {
    const char *bytes;
    size_t length;
    const char *text;
} signatures[] = {
    {"PK\3\4", 4, "is a workbook or an archive, not CSV; export the sheet as CSV (the name of "
                      "NumPy's archives ends in .npz)"},
    {"\xD0\xCF\x11\xE0", 4, "is a workbook, not CSV; export the sheet as CSV"},
    {"\x1F\x8B", 2, "is compressed; unpack it first"},
    {"\x93NUMPY", 6, "is a NumPy file, not CSV; let its name end in .npy"},
    {"\xFF\xFE", 2, "is UTF-16 text; save it as UTF-8"},
    {"\xFE\xFF", 2, "is UTF-16 text; save it as UTF-8"},
};

static enum status check_signature(const struct csv *csv, struct error *error)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (csv->size >= signatures[i].length &&
            memcmp(csv->block, signatures[i].bytes, signatures[i].length) == 0)
            return csv_refuse(csv, STATUS_FORMAT, 1, 1, error, "%s", signatures[i].text);
    return STATUS_OK;
}

static char find_delimiter(const struct csv *csv)
{
    if (csv_is_tab_separated(csv->path))
        return '\t';
    const char *p = csv->next;
    while (*p == '\n' || *p == '\r' || *p == ' ')
        p++;
    bool quoted = false, tab = false, semicolon = false;
    for (; *p != '\0' && (quoted || (*p != '\n' && *p != '\r')); p++) {
        if (*p == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (*p == ',')
            return ',';
        tab = tab || *p == '\t';
        semicolon = semicolon || *p == ';';
    }
    return tab ? '\t' : semicolon ? ';' : ',';
}

static enum status check_zero_byte(const struct csv *csv, struct error *error)
{
    const char *zero = memchr(csv->block, '\0', csv->size);
    if (zero == NULL)
        return STATUS_OK;
    size_t line = 1, column = 1;
    for (const char *p = csv->block; p < zero; p++) {
        if (*p == '\n' || (*p == '\r' && p[1] != '\n')) {
            line++;
            column = 1;
        } else if (*p == csv->delimiter) {
            column++;
        }
    }
    return csv_refuse(csv, STATUS_FORMAT, line, column, error,
                      "there is a zero byte, so this is no text file");
}

enum status csv_open(struct csv *csv, struct context *context, const char *path,
                     struct error *error)
{
    *csv = (struct csv){.context = context, .path = path, .line = 1};
    enum status status = csv_load(csv, error);
    if (status == STATUS_OK)
        status = check_signature(csv, error);
    if (status == STATUS_OK) {
        bool mark = csv->size >= 3 && memcmp(csv->block, "\xEF\xBB\xBF", 3) == 0;
        csv->next = csv->block + (mark ? 3 : 0);
        csv->delimiter = find_delimiter(csv);
        csv->ends_field['\0'] = csv->ends_field['\n'] = csv->ends_field['\r'] = true;
        csv->ends_field[(unsigned char)csv->delimiter] = true;
        status = check_zero_byte(csv, error);
    }
    if (status != STATUS_OK)
        csv_close(csv);
    return status;
}

void csv_close(struct csv *csv)
{
    memory_free(csv->context, csv->block);
    csv->block = NULL;
}

/* --- records --- */

static bool is_space(const struct csv *csv, char c)
{
    return c == ' ' || (c == '\t' && csv->delimiter != '\t');
}

static enum status append_field(struct csv *csv, struct csv_record *record, struct csv_field field,
                                struct error *error)
{
    if (record->count == record->capacity) {
        size_t capacity = record->capacity == 0 ? 16 : 2 * record->capacity;
        struct csv_field *fields = memory_resize(csv->context, record->fields, capacity,
                                                 sizeof *fields);
        if (fields == NULL)
            return csv_refuse(csv, STATUS_MEMORY, field.line, record->count + 1, error,
                              "not enough memory for the fields of this line");
        record->fields = fields;
        record->capacity = capacity;
    }
    record->fields[record->count++] = field;
    return STATUS_OK;
}

/* The rest of a field after its opening quote; csv->next goes behind the closing one. */
static enum status read_quoted(struct csv *csv, size_t column, struct csv_field *field,
                               struct error *error)
{
    const char *p = csv->next;
    field->text = p;
    for (;; p++) {
        if (*p == '\0')
            return csv_refuse(csv, STATUS_FORMAT, field->line, column, error,
                              "the quote that opens this field is never closed");
        if (*p == '\n' || (*p == '\r' && p[1] != '\n'))
            csv->line++;
        if (*p != '"')
            continue;
        if (p[1] != '"')
            break;
        field->doubled = true;
        p++;
    }
    field->length = (size_t)(p - field->text);
    for (p++; is_space(csv, *p); p++)
        ;
    csv->next = p;
    if (csv->ends_field[(unsigned char)*p])
        return STATUS_OK;
    return csv_refuse(csv, STATUS_FORMAT, csv->line, column, error,
                      "text follows the closing quote; a quote inside a quoted field is doubled");
}

static void read_plain(struct csv *csv, struct csv_field *field)
{
    const char *p = csv->next;
    field->text = p;
    while (!csv->ends_field[(unsigned char)*p])
        p++;
    csv->next = p;
    while (p > field->text && is_space(csv, p[-1]))
        p--;
    field->length = (size_t)(p - field->text);
}

static void end_line(struct csv *csv)
{
    if (*csv->next == '\0')
        return;
    csv->next += *csv->next == '\r' && csv->next[1] == '\n' ? 2 : 1;
    csv->line++;
}

enum status csv_next(struct csv *csv, struct csv_record *record, struct error *error)
{
    const char *end = csv->block + csv->size;
    record->count = 0;
    while (csv->next < end) {
        bool quoted = false;
        for (;;) {
            struct csv_field field = {.line = csv->line};
            enum status status = STATUS_OK;
            while (is_space(csv, *csv->next))
                csv->next++;
            if (*csv->next == '"') {
                quoted = true;
                csv->next++;
                status = read_quoted(csv, record->count + 1, &field, error);
            } else {
                read_plain(csv, &field);
            }
            if (status == STATUS_OK)
                status = append_field(csv, record, field, error);
            if (status != STATUS_OK)
                return status;
            if (*csv->next != csv->delimiter)
                break;
            csv->next++;
        }
        end_line(csv);
        bool blank = record->count == 1 && record->fields[0].length == 0 && !quoted;
        if (!blank)
            break;
        record->count = 0;
    }
    return STATUS_OK;
}

void csv_record_free(struct csv *csv, struct csv_record *record)
{
    memory_free(csv->context, record->fields);
    *record = (struct csv_record){0};
}

size_t csv_undouble(const struct csv_field *field, char *text)
{
    size_t length = 0;
    for (size_t i = 0; i < field->length; i++) {
        text[length++] = field->text[i];
        if (field->doubled && field->text[i] == '"')
            i++;
    }
    return length;
}
