/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_load.h: rows of a table become columns of a block, in squares that are transposed within
 * registers; and what a sweep adds up. Included by kernel_loops.h, once for each instruction set.
 */

#if defined __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#endif
#endif
#ifndef MIX
#define MIX(a, b, ...) __builtin_shuffle(a, b, (typeof((a) == (b))){__VA_ARGS__})
#endif

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));

/* Four columns from `column` on of four rows. */
static inline void transpose_four(double *to, const double *const rows[4], size_t column)
{
    four r[4], s[4];
    for (int k = 0; k < 4; k++)
        r[k] = *(const four *)(rows[k] + column);
    for (int k = 0; k < 4; k += 2) {
        s[k] = MIX(r[k], r[k + 1], 0, 4, 2, 6);
        s[k + 1] = MIX(r[k], r[k + 1], 1, 5, 3, 7);
    }
    for (size_t k = 0; k < 2; k++) {
        *(four *)(to + (column + k) * BLOCK) = MIX(s[k], s[k + 2], 0, 1, 4, 5);
        *(four *)(to + (column + k + 2) * BLOCK) = MIX(s[k], s[k + 2], 2, 3, 6, 7);
    }
}

static inline void transpose_eight_by_four(double *to, const double *const rows[8], size_t column)
{
    transpose_four(to, rows, column);
    transpose_four(to + 4, rows + 4, column);
}

#if KERNEL_WIDTH == 8
static inline void transpose_eight(double *to, const double *const rows[8], size_t column)
{
    group r[8], s[8];
    for (int k = 0; k < 8; k++)
        r[k] = LOAD(rows[k] + column);
    for (int k = 0; k < 8; k += 2) {
        s[k] = MIX(r[k], r[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        s[k + 1] = MIX(r[k], r[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int half = 0; half < 8; half += 4)
        for (int k = half; k < half + 2; k++) {
            r[k] = MIX(s[k], s[k + 2], 0, 1, 4, 5, 8, 9, 12, 13);
            r[k + 2] = MIX(s[k], s[k + 2], 2, 3, 6, 7, 10, 11, 14, 15);
        }
    for (size_t k = 0; k < 4; k++) {
        STORE(to + (column + k) * BLOCK) = MIX(r[k], r[k + 4], 0, 1, 4, 5, 8, 9, 12, 13);
        STORE(to + (column + k + 4) * BLOCK) = MIX(r[k], r[k + 4], 2, 3, 6, 7, 10, 11, 14, 15);
    }
}
#else
static inline void transpose_eight(double *to, const double *const rows[8], size_t column)
{
    transpose_eight_by_four(to, rows, column);
    transpose_eight_by_four(to, rows, column + 4);
}
#endif

/* Asks for rows some examples ahead: eight rows at a time are no stream that a processor foresees.
 */
static inline void foresee(const double *from, size_t stride, const size_t *indices, size_t width,
                           size_t b, size_t n)
{
    enum { AHEAD = 768, LINE = 8 };
    if (!indices && 2 * width >= stride) {
        const double *next = from + b * stride + AHEAD;
        for (size_t k = 0; k < 8 * stride; k += LINE)
            __builtin_prefetch(next + k);
    }
    for (size_t k = b + 8; indices && k < b + 16 && k < n; k++)
        for (size_t column = 0; column < width; column += LINE)
            __builtin_prefetch(from + indices[k] * stride + column);
}

/* Squares side by side; the last may overlap the one before it. */
static void load_rows(double *to, const double *from, size_t stride, const size_t *indices,
                      size_t width, size_t n)
{
    for (size_t b = 0; b < n; b += 8, to += 8) {
        const double *rows[8];
        for (size_t k = 0; k < 8; k++) {
            size_t example = b + k < n ? b + k : n - 1;
            rows[k] = from + (indices ? indices[example] : example) * stride;
        }
        foresee(from, stride, indices, width, b, n);
        size_t column = 0;
        for (; column + 8 <= width; column += 8)
            transpose_eight(to, rows, column);
        if (column + 4 < width && width >= 8) {
            transpose_eight(to, rows, width - 8);
        } else if (column < width && width >= 4) {
            if (column + 4 < width)
                transpose_eight_by_four(to, rows, column);
            transpose_eight_by_four(to, rows, width - 4);
        } else {
            for (; column < width; column++)
                for (size_t k = 0; k < 8; k++)
                    to[column * BLOCK + k] = rows[k][column];
        }
    }
}

/* The partial sums of a block of points (sweep.c), added by halves as those of a register are. */
static void add_partials(double *sums, const double *partials, size_t size)
{
#define PART(k) LOAD(partials + (k) * size + i)
    for (size_t i = 0; i < size; i += WIDTH)
#if KERNEL_WIDTH == 8
        STORE(sums + i) = LOAD(sums + i) + (((PART(0) + PART(4)) + (PART(2) + PART(6))) +
                                            ((PART(1) + PART(5)) + (PART(3) + PART(7))));
#elif KERNEL_WIDTH == 4
        STORE(sums + i) = LOAD(sums + i) + ((PART(0) + PART(2)) + (PART(1) + PART(3)));
#else
        STORE(sums + i) = LOAD(sums + i) + (PART(0) + PART(1));
#endif
#undef PART
}
