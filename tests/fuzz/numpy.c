/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's arrays and archives: read in several ways; what was read is written, read again, and the
 * same. The first byte says how to read (the three lowest bits), and what the others are (the next
 * two), so that seeds are texts and changes reach what stands behind lengths and checksums:
 *
 *     @  a file .npy
 *     H  the header of an array to the end of the line, then its elements
 *     P  an archive: members, an empty line between them, each NAME, header, elements by lines;
 *        what stands behind the name "!NAME" is deflated
 *     X  changes of an archive that is whole
 */
#include <string.h>

#include "dataset/dataset.h"
#include "dataset/zip.h"
#include "fuzz.h"

enum { LARGEST = 1 << 14 };

struct bytes {
    uint8_t at[4 * LARGEST];
    size_t size;
};

static void put(struct bytes *to, const void *from, size_t size)
{
    EXPECT(size <= sizeof to->at - to->size);
    memcpy(to->at + to->size, from, size);
    to->size += size;
}

static void put_number(struct bytes *to, size_t value, int count)
{
    for (; count > 0; count--, value >>= 8)
        put(to, (uint8_t[]){(uint8_t)value}, 1);
}

/* To the mark, which is left out; all where it is not there. */
static size_t take(const uint8_t **from, size_t *size, const char *mark)
{
    size_t length = strlen(mark), at = 0;
    while (at + length <= *size && memcmp(*from + at, mark, length) != 0)
        at++;
    if (at + length > *size)
        at = *size, length = 0;
    *from += at + length;
    *size -= at + length;
    return at;
}

static void put_array(struct bytes *to, const uint8_t *text, size_t size)
{
    const uint8_t *elements = text;
    size_t header = take(&elements, &size, "\n");
    put(to, "\x93NUMPY\x01", 8);
    put_number(to, header + 1, 2);
    put(to, text, header);
    put(to, "\n", 1);
    put(to, elements, size);
}

static void put_entry(struct bytes *to, size_t method, uint32_t crc, size_t packed, size_t size,
                      size_t name)
{
    put_number(to, 20, 2);
    put_number(to, 0, 2);
    put_number(to, method, 2);
    put_number(to, 0, 4);
    put_number(to, crc, 4);
    put_number(to, packed, 4);
    put_number(to, size, 4);
    put_number(to, name, 2);
    put_number(to, 0, 2);
}

static void put_archive(struct bytes *to, const uint8_t *text, size_t size)
{
    static struct bytes directory, array;
    size_t count = 0;
    directory.size = to->size = 0;
    while (size > 0 && ++count < 20) {
        const uint8_t *name = text, *end = text;
        size_t length = take(&end, &size, "\n");
        const uint8_t *content = end;
        size_t content_size = take(&end, &size, "\n\n"), claimed = content_size;
        bool deflated = length > 0 && name[0] == '!';
        array.size = 0;
        if (deflated)
            put(&array, content, content_size), claimed *= 2;
        else
            put_array(&array, content, content_size), claimed = array.size;
        name += deflated;
        length -= deflated;
        size_t offset = to->size, method = deflated ? 8 : 0;
        uint32_t crc = zip_crc(0, array.at, array.size);
        put(to, "PK\3\4", 4);
        put_entry(to, method, crc, array.size, claimed, length);
        put(to, name, length);
        put(to, array.at, array.size);
        put(&directory, "PK\1\2\24", 6);
        put_entry(&directory, method, crc, array.size, claimed, length);
        put_number(&directory, 0, 10);
        put_number(&directory, offset, 4);
        put(&directory, name, length);
        text = end;
    }
    size_t begin = to->size;
    put(to, directory.at, directory.size);
    put(to, "PK\5\6\0\0\0", 8);
    put_number(to, count, 2);
    put_number(to, count, 2);
    put_number(to, directory.size, 4);
    put_number(to, begin, 4);
    put_number(to, 0, 2);
}

static const char whole[] = "x.npy\n{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n"
                            "twenty-four bytes of it.\n\n"
                            "y.npy\n{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }\n"
                            "\1\2\n\n"
                            "weights.npy\n{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}\n"
                            "ab\n\n"
                            "classes.npy\n{'descr': '|S2', 'fortran_order': False, 'shape': (3,)}\n"
                            "noyesa";

static void expect_same(const struct dataset *a, const struct dataset *b, bool archive)
{
    EXPECT(a->examples == b->examples && a->inputs == b->inputs);
    EXPECT(memcmp(a->x, b->x, a->examples * a->inputs * sizeof *a->x) == 0);
    EXPECT((a->weights == NULL) == (b->weights == NULL) || !archive);
    EXPECT((a->classes == b->classes && a->outputs == b->outputs) || !archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bytes file;
    if (size == 0 || size > LARGEST)
        return 0;
    struct dataset_columns columns = {
        .drop_missing = data[0] & 1,
        .classes = data[0] & 2,
        .no_y = data[0] & 4,
    };
    int kind = data[0] >> 3 & 3;
    bool archive = kind >= 2;
    const char *extension = archive ? "npz" : "npy";
    file.size = 0;
    switch (kind) {
    case 0: put(&file, data + 1, size - 1); break;
    case 1: put_array(&file, data + 1, size - 1); break;
    case 2: put_archive(&file, data + 1, size - 1); break;
    default: {
        size_t length;
        put_archive(&file, (const uint8_t *)whole, sizeof whole - 1);
        uint8_t *changed = fuzz_changed(file.at, file.size, data + 1, size - 1, &length);
        file.size = 0;
        put(&file, changed, length);
        free(changed);
    }
    }
    struct context context;
    struct error error = {STATUS_OK, "", ""};
    struct dataset *read, *again;
    fuzz_begin(&context);
    const char *path = fuzz_file(extension, file.at, file.size);
    enum status status = dataset_read(&read, &context, path, &columns, &error);
    fuzz_refused(status, &error);
    EXPECT(status == STATUS_OK || read == NULL);
    if (status == STATUS_OK) {
        EXPECT(read->examples > 0 && read->inputs > 0);
        status = dataset_write(read, path, &error);
        fuzz_refused(status, &error);
        if (status == STATUS_OK) {
            struct dataset_columns same = {.no_y = columns.no_y};
            status = dataset_read(&again, &context, path, &same, &error);
            fuzz_refused(status, &error);
            if (status == STATUS_OK) {
                expect_same(read, again, archive);
                dataset_release(again);
            }
        }
        dataset_release(read);
    }
    remove(path);
    fuzz_end(&context);
    return 0;
}
