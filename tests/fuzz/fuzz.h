/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz.h: each file beside it is a program of its own (`make fuzz`), which libFuzzer calls with one
 * input after the other. Whatever the bytes are: no crash, no sanitizer's report, every block given
 * back, and a refusal has a sentence. */
#ifndef DESCENT_TESTS_FUZZ_H
#define DESCENT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_MEMORY = 1 << 28 }; /* bytes: more is refused, as on a small machine */

#define EXPECT(condition)                                                                \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);     \
            abort();                                                                     \
        }                                                                                \
    } while (0)

static inline void fuzz_begin(struct context *context)
{
    context_init(context);
    context->memory.limit = FUZZ_MEMORY;
}

static inline void fuzz_end(struct context *context)
{
    context_free(context);
    EXPECT(context->memory.live == 0);
}

/* A refusal says which it is and why. */
static inline void fuzz_refused(enum status status, const struct error *error)
{
    if (status != STATUS_OK)
        EXPECT(error->status == status && error->text[0] != '\0');
}

/* Bytes as the file "NAME.EXTENSION" in memory where there is such a place; its path. */
static inline const char *fuzz_file(const char *extension, const uint8_t *data, size_t size)
{
    static char path[64];
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/descent-fuzz-%ld.%s", folder, (long)getpid(), extension);
    FILE *file = fopen(path, "wb");
    EXPECT(file != NULL && fwrite(data, 1, size, file) == size);
    EXPECT(fclose(file) == 0);
    return path;
}

/* Input as changes of `size` bytes at `base`: three bytes say where, a fourth what. Files in which
 * each length and count must fit the others are reached this way, and corpora stay texts. The
 * result is the caller's to free. */
static inline uint8_t *fuzz_changed(const uint8_t *base, size_t size, const uint8_t *data,
                                    size_t changes, size_t *changed_size)
{
    uint8_t *bytes = malloc(size + changes + 1);
    EXPECT(bytes != NULL);
    memcpy(bytes, base, size);
    for (size_t i = 0; i + 4 <= changes && size > 0; i += 4) {
        size_t at = (data[i] | (size_t)data[i + 1] << 8) % size;
        uint8_t value = data[i + 2];
        switch (data[i + 3] % 6) {
        case 0: bytes[at] = value; break;
        case 1: bytes[at] ^= (uint8_t)(1u << (value & 7)); break;
        case 2: /* one more byte */
            memmove(bytes + at + 1, bytes + at, size++ - at);
            bytes[at] = value;
            break;
        case 3: /* some less */
            value = at + value > size ? (uint8_t)(size - at) : value;
            memmove(bytes + at, bytes + at + value, size - at - value);
            size -= value;
            break;
        case 4: /* a large integer, or an infinite number */
            memset(bytes + at, value & 1 ? 0xff : 0x7f, at + 8 > size ? size - at : 8);
            break;
        default: size = value == 0 ? at : size; /* the end is missing */
        }
    }
    *changed_size = size;
    return bytes;
}

#endif
