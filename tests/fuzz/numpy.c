/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's arrays and archives: read in several ways; what was read is written and read again. The
 * first byte says how. */
#include <string.h>

#include "dataset/dataset.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct dataset_columns columns = {
        .drop_missing = data[0] & 1,
        .classes = data[0] & 2,
        .no_y = data[0] & 4,
    };
    const char *extension = data[0] & 8 ? "npz" : "npy";
    struct context context;
    struct error error = {STATUS_OK, "", ""};
    struct dataset *read, *again;
    fuzz_begin(&context);
    const char *path = fuzz_file(extension, data + 1, size - 1);
    enum status status = dataset_read(&read, &context, path, &columns, &error);
    fuzz_refused(status, &error);
    if (status == STATUS_OK) {
        EXPECT(read->examples > 0 && read->inputs > 0);
        status = dataset_write(read, path, &error);
        fuzz_refused(status, &error);
        if (status == STATUS_OK) {
            status = dataset_read(&again, &context, path, NULL, &error);
            fuzz_refused(status, &error);
            if (status == STATUS_OK)
                dataset_release(again);
        }
        dataset_release(read);
    }
    remove(path);
    fuzz_end(&context);
    return 0;
}
