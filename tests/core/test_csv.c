/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing CSV. Numbers are compared with the C library's strtod. */
#include <criterion/criterion.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/generator.h"
#include "base/memory.h"
#include "dataset/csv.h"
#include "dataset/dataset.h"
#include "dataset/number.h"

static struct context context;
static struct error error;
static char folder[] = "/tmp/descent-csv-XXXXXX";
static char path[128];

static void name_file(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
}

static void begin(void)
{
    context_init(&context);
    cr_assert_not_null(mkdtemp(folder));
    name_file("f.csv");
}

static void finish(void)
{
    context_free(&context);
    cr_assert_eq(context.memory.live, 0);
    remove(path);
    cr_assert_eq(rmdir(folder), 0, "something is left in the folder");
}

TestSuite(csv, .init = begin, .fini = finish);

#define SAME(a, b) cr_assert_str_eq((a), (b))

static void write_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
}

static struct dataset *read_with(const char *text, const struct dataset_columns *columns)
{
    struct dataset *dataset;
    write_bytes(text, strlen(text));
    enum status status = dataset_read(&dataset, &context, path, columns, &error);
    cr_assert_eq(status, STATUS_OK, "%s: %s", error.where, error.text);
    return dataset;
}

static struct dataset *read_text(const char *text)
{
    return read_with(text, NULL);
}

/* The whole content as "name|x names -> y names|x.. y..;x.. y..|classes". */
static char *described(const struct dataset *dataset, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s|", dataset->name);
    for (size_t k = 0; k < dataset->inputs; k++)
        used += (size_t)snprintf(text + used, size - used, "%s ", dataset->x_names[k]);
    used += (size_t)snprintf(text + used, size - used, "->");
    for (size_t k = 0; k < dataset->outputs; k++)
        used += (size_t)snprintf(text + used, size - used, " %s", dataset->y_names[k]);
    used += (size_t)snprintf(text + used, size - used, "|");
    for (size_t i = 0; i < dataset->examples; i++) {
        for (size_t k = 0; k < dataset->inputs; k++)
            used += (size_t)snprintf(text + used, size - used, "%s%.17g", k > 0 ? " " : "",
                                     dataset->x[i * dataset->inputs + k]);
        for (size_t k = 0; k < dataset->outputs; k++)
            used += (size_t)snprintf(text + used, size - used, " %.17g",
                                     dataset->y[i * dataset->outputs + k]);
        used += (size_t)snprintf(text + used, size - used, ";");
    }
    for (size_t k = 0; k < dataset->classes; k++)
        used += (size_t)snprintf(text + used, size - used, "|%s", dataset->class_names[k]);
    return text;
}

static void expect_with(const char *text, const struct dataset_columns *columns,
                        const char *expected)
{
    char buffer[2048];
    struct dataset *dataset = read_with(text, columns);
    SAME(described(dataset, buffer, sizeof buffer), expected);
    dataset_release(dataset);
}

static void expect(const char *text, const char *expected)
{
    expect_with(text, NULL, expected);
}

/* `where` is what follows the path: ":7:3". */
static void refuse_bytes(const char *bytes, size_t length, const struct dataset_columns *columns,
                         enum status status, const char *where, const char *text)
{
    char place[256];
    struct dataset *dataset = (struct dataset *)&context;
    write_bytes(bytes, length);
    enum status got = dataset_read(&dataset, &context, path, columns, &error);
    SAME(error.text, text);
    cr_assert_eq(got, status);
    cr_assert_null(dataset);
    snprintf(place, sizeof place, "%s%s", path, where);
    SAME(error.where, place);
    cr_assert_eq(context.memory.live, 0);
}

static void refuse_with(const char *file, const struct dataset_columns *columns, enum status status,
                        const char *where, const char *text)
{
    refuse_bytes(file, strlen(file), columns, status, where, text);
}

static void refuse(const char *file, const char *where, const char *text)
{
    refuse_with(file, NULL, STATUS_FORMAT, where, text);
}

#define NAMED(...) ((const struct dataset_column[]){__VA_ARGS__})

/* --- what is read --- */

Test(csv, with_and_without_header)
{
    expect("x,y\n1,2\n3,4\n", "f|x -> y|1 2;3 4;");
    expect("1,2\n3,4\n", "f|x -> y|1 2;3 4;");
    expect("1,2,3\n4,5,6", "f|x1 x2 -> y|1 2 3;4 5 6;");
    expect("size,beds,price\n1,2,3", "f|size beds -> price|1 2 3;");
    expect("2019,2020,sum\n1,2,3", "f|2019 2020 -> sum|1 2 3;");
    expect(",x,y\n1,2,3\n", "f|column1 x -> y|1 2 3;");
    expect_with("2019,2020\n1,2\n", &(struct dataset_columns){.header = DATASET_HEADER_PRESENT},
                "f|2019 -> 2020|1 2;");
    expect_with("1,a\n2,b\n", &(struct dataset_columns){.header = DATASET_HEADER_NONE},
                "f|x -> y|1 1;2 2;|a|b");
}

/* Labels in a file without a header are no header: they come again. */
Test(csv, a_first_row_of_labels_is_data)
{
    expect("5.1,3.5,setosa\n4.9,3.0,setosa\n6.2,2.9,versicolor\n",
           "f|x1 x2 -> y|5.0999999999999996 3.5 1;4.9000000000000004 3 1;"
           "6.2000000000000002 2.8999999999999999 2;|setosa|versicolor");
    expect("a,p\nb,e\na,e\n", "f|x=a x=b -> y|1 0 2;0 1 1;1 0 1;|e|p");
    expect("colour,kind\nred,p\nblue,e\n", "f|colour=blue colour=red -> kind|0 1 2;1 0 1;|e|p");
    expect("name,2019\nBob,1\nAnn,2\n", "f|name=Ann name=Bob -> 2019|0 1 1;1 0 2;");
}

Test(csv, line_ends_marks_and_blank_lines)
{
    const char *expected = "f|x -> y|1 2;3 4;";
    expect("x,y\r\n1,2\r\n3,4\r\n", expected);
    expect("x,y\r1,2\r3,4", expected);
    expect("\xEF\xBB\xBFx,y\n1,2\n3,4\n", expected);
    expect("\n\n  \nx,y\n\n1,2\n \n3,4\n\n\n", expected);
    expect("\xEF\xBB\xBF\"x\",y\n1,2\n3,4\n  ", expected);
    expect(" x , y \n 1 , 2 \n\t3\t,\t4\t\n", expected);
}

Test(csv, quotes)
{
    expect("\"x\",\"y\"\n\"1\",\"2\"\n", "f|x -> y|1 2;");
    expect("\"a, b\",\"say \"\"hi\"\"\"\n1,2\n", "f|a, b -> say \"hi\"|1 2;");
    expect("\"two\nlines\",y\n1,2\n", "f|two\nlines -> y|1 2;");
    expect("x,y\n1,\"a\"\"b\"\n2,a\"b\n", "f|x -> y|1 1;2 1;|a\"b");
    expect("x,y\n1,\" spaced \"\n2,  plain  \n", "f|x -> y|1 1;2 2;| spaced |plain");
    expect("x,y\n \"1\" , \"2\" \n", "f|x -> y|1 2;");
    expect("x,y\n\"\"\"\",1\n\"\"\"\"\"\",2\n", "f|x=\" x=\"\" -> y|1 0 1;0 1 2;");
}

Test(csv, tabs_and_semicolons)
{
    expect("x\ty\n1\t2\n", "f|x -> y|1 2;");
    expect("x;y\n1;2\n", "f|x -> y|1 2;");
    expect("\"a,b\"\ty\n1\t2\n", "f|a,b -> y|1 2;");
    expect("a\tb,y\n1,2\n", "f|a\tb -> y|1 2;");
    remove(path);
    name_file("f.TSV");
    expect("a,b\ty\n1\t2\n", "f|a,b -> y|1 2;");
    remove(path);
    name_file("f.csv");
}

Test(csv, chosen_columns)
{
    const char *text = "size,beds,age,price\n1,2,3,4\n5,6,7,8\n";
    struct dataset_columns columns = {.x = NAMED({.name = "beds"}, {.name = "size"}), .x_count = 2};
    expect_with(text, &columns, "f|beds size -> price|2 1 4;6 5 8;");
    columns.y = NAMED({.name = "age"});
    columns.y_count = 1;
    expect_with(text, &columns, "f|beds size -> age|2 1 3;6 5 7;");
    columns.x_count = 0;
    expect_with(text, &columns, "f|size beds price -> age|1 2 4 3;5 6 8 7;");
    columns.x = columns.y = NAMED({.number = 2}, {.number = 4});
    columns.x_count = columns.y_count = 2; /* both at once, as an autoencoder wants it */
    expect_with(text, &columns, "f|beds price -> beds price|2 4 2 4;6 8 6 8;");
    columns = (struct dataset_columns){.no_y = true};
    expect_with("a,b\n1,2\n", &columns, "f|a b ->|1 2;");
    expect_with("a\n1\n2\n", &columns, "f|a ->|1;2;");
    /* What is not chosen may hold anything. */
    columns = (struct dataset_columns){.x = NAMED({.name = "x"}), .x_count = 1};
    expect_with("x,note,y\n1,,2\n3,\xFF,4\n5,inf,6\n", &columns, "f|x -> y|1 2;3 4;5 6;");
}

Test(csv, missing_values)
{
    refuse("x,y\n1,2\n3,\n", ":3:2",
           "the empty field in column \"y\" is a missing value; missing = \"drop\" leaves such "
           "rows out");
    refuse("1,2\nNA,4\n", ":2:1",
           "\"NA\" is a missing value; missing = \"drop\" leaves such rows out");
    const struct dataset_columns drop = {.drop_missing = true};
    expect_with("x,z,y\n1,a,2\nNA,b,4\n5,?,6\n7,c,NaN\n8,,9\n0,\"\",1\n\"nan\",d,1\n3,e,4\n", &drop,
                "f|x z=a z=e -> y|1 1 0 2;3 0 1 4;");
    refuse_with("x,y\nNA,1\n2,\n", &drop, STATUS_FORMAT, ":1",
                "every row has a missing value, so none is left");
}

Test(csv, classes)
{
    expect("x,y\n1,pear\n2,apple\n3,\"pear\"\n4,Zebra\n",
           "f|x -> y|1 3;2 2;3 3;4 1;|Zebra|apple|pear");
    struct dataset_columns columns = {.classes = true};
    expect_with("1,10\n2,9\n3,-1\n4,9.0\n5,09\n", &columns,
                "f|x -> y|1 3;2 2;3 1;4 2;5 2;|-1|9|10");
    expect_with("x,y\n1,10\n2,a\n3,9\n", &columns, "f|x -> y|1 1;2 3;3 2;|10|9|a");
    columns.y = NAMED({.number = 1}, {.number = 2});
    columns.y_count = 2;
    refuse_with("1,2,3\n", &columns, STATUS_ARGUMENT, ":1",
                "classes stand in one column of y, and y has 2");
    columns.classes = false;
    refuse_with("a,b,c\n1,2,3\n2,z,3\n", &columns, STATUS_FORMAT, ":3:2",
                "\"z\" in column \"b\" is not a number, as the rows above are");
    refuse_with("a,b,c\n1,z,3\n", &columns, STATUS_FORMAT, ":2:2",
                "\"z\" in column \"b\" is not a number; words in y need it to be one column of "
                "classes");
}

Test(csv, words_in_x_become_columns)
{
    expect("city,size,y\nRome,1,10\nBonn,2,20\nRome,3,30\n",
           "f|city=Bonn city=Rome size -> y|0 1 1 10;1 0 2 20;0 1 3 30;");
    char *text = malloc(20000);
    size_t used = (size_t)sprintf(text, "id,y\n");
    for (int i = 0; i <= 1000; i++)
        used += (size_t)sprintf(text + used, "n%d,1\n", i);
    refuse(text, ":1002:1",
           "more than 1000 different words in column \"id\": each would be a column of x; choose "
           "other columns for x");
    free(text);
}

/* --- what is refused --- */

Test(csv, ragged_rows)
{
    refuse("x,y\n1,2\n3\n", ":3:2", "this row has 1 field, and line 1 has 2");
    refuse("\nx,y\n1,2\n3,4,5\n", ":4:3", "this row has 3 fields, and line 2 has 2");
    refuse("x,y\n1,2,\n", ":2:3", "this row has 3 fields, and line 1 has 2");
}

Test(csv, cells_that_are_no_numbers)
{
    refuse("x,y\n1,2\n\n3,abc\n", ":4:2",
           "\"abc\" in column \"y\" is not a number, as the rows above are");
    refuse("1,2\n1.2.3,4\n", ":2:1", "\"1.2.3\" is not a number, as the rows above are");
    refuse("x,y\nRome,2\n7,4\n", ":3:1",
           "\"7\" in column \"x\" is a number, and the rows above hold words");
    refuse("x;y\n1;2\n1,5;2\n", ":3:1",
           "\"1,5\" in column \"x\" is not a number; decimals are written with a point");
    refuse("x;y\n-1,5e3;2\n", ":2:1",
           "\"-1,5e3\" in column \"x\" is not a number; decimals are written with a point");
    refuse_with("x,y\n1,1e999\n", NULL, STATUS_NUMBER, ":2:2",
                "\"1e999\" in column \"y\" is too large; every number must be finite");
    refuse_with("x,y\n-Inf,1\n", NULL, STATUS_NUMBER, ":2:1",
                "\"-Inf\" in column \"x\" is too large; every number must be finite");
    refuse("x,y\n1,2\n3,\"a long text that goes on and on, with\ttabs and \x01 and \xC3\xA9\xFF "
           "until it is cut\"\n",
           ":3:2",
           "\"a long text that goes on and on, with tabs and ? and \xC3\xA9...\" in column \"y\" "
           "is not a number, as the rows above are");
    /* The line is the field's own, below line ends in quotes. */
    refuse("x,z,y\n1,2,3\n4,\"5\n6\",7\n", ":3:2",
           "\"5 6\" in column \"z\" is not a number, as the rows above are");
    refuse("x,z,y\n\"a\nb\",2,3\n\"a\nb\",4,c\n", ":5:3",
           "\"c\" in column \"y\" is not a number, as the rows above are");
}

Test(csv, columns_that_are_not_there)
{
    struct dataset_columns columns = {.y = NAMED({.name = "pirce"}), .y_count = 1};
    refuse_with("size,price\n1,2\n", &columns, STATUS_ARGUMENT, ":1",
                "there is no column \"pirce\"; did you mean \"price\"?");
    columns.y = NAMED({.name = "weight"});
    refuse_with("\nsize,price\n1,2\n", &columns, STATUS_ARGUMENT, ":2",
                "there is no column \"weight\"; the columns are \"size\", \"price\"");
    refuse_with("1,2\n", &columns, STATUS_ARGUMENT, ":1",
                "there is no header, so columns go by number, from 1 to 2, and not by a name such "
                "as \"weight\"");
    columns.y = NAMED({.number = 3});
    refuse_with("1,2\n", &columns, STATUS_ARGUMENT, ":1",
                "there is no column 3; columns go from 1 to 2");
    columns.y = NAMED({.number = 0});
    refuse_with("1,2\n", &columns, STATUS_ARGUMENT, ":1",
                "there is no column 0; columns go from 1 to 2");
    columns.y = NAMED({.name = "a"});
    refuse_with("a,a,b\n1,2,3\n", &columns, STATUS_ARGUMENT, ":1",
                "2 columns are called \"a\"; choose one by its number");
    columns = (struct dataset_columns){.x = NAMED({.number = 2}), .x_count = 1};
    refuse_with("1,2\n", &columns, STATUS_ARGUMENT, ":1:2",
                "the last column is y unless another is named, so it cannot be in x as well; name "
                "y");
    refuse_with("1\n2\n", NULL, STATUS_FORMAT, ":1",
                "there is one column, and y takes it, so that none is left for x");
}

Test(csv, files_that_hold_nothing)
{
    refuse("", "", "the file is empty");
    refuse("\xEF\xBB\xBF", "", "the file is empty");
    refuse("\n \r\n\n", "", "the file is empty");
    refuse("x,y\n", ":1", "there are no rows below the header");
}

Test(csv, files_that_cannot_be_read)
{
    struct dataset *dataset;
    cr_assert_eq(dataset_read(&dataset, &context, path, NULL, &error), STATUS_FILE);
    SAME(error.where, path);
    SAME(error.text, "cannot be opened: No such file or directory");
    cr_assert_eq(dataset_read(&dataset, &context, folder, NULL, &error), STATUS_FILE);
    SAME(error.where, folder);
    SAME(error.text, "is a folder, not a file");
    cr_assert_eq(dataset_read(&dataset, &context, "", NULL, &error), STATUS_FILE);
    cr_assert_eq(dataset_read(&dataset, &context, "/dev/null", NULL, &error), STATUS_FORMAT);
    cr_assert_eq(dataset_read(&dataset, &context, "/dev/zero", NULL, &error), STATUS_FORMAT);
    cr_assert_null(dataset);
}

Test(csv, files_that_are_something_else)
{
    refuse_bytes("x,y\n1,2\n3,4\0 5\n", 15, NULL, STATUS_FORMAT, ":3:2",
                 "there is a zero byte, so this is no text file");
    refuse("PK\3\4....", ":1:1",
           "is a workbook or an archive, not CSV; export the sheet as CSV (the name of NumPy's "
           "archives "
           "ends in .npz)");
    refuse("\x1F\x8B....", ":1:1", "is compressed; unpack it first");
    refuse_bytes("\xFF\xFEx\0,\0", 6, NULL, STATUS_FORMAT, ":1:1",
                 "is UTF-16 text; save it as UTF-8");
    refuse("gr\xF6\xDF"
           "e,y\n1,2\n",
           ":1:1", "the byte 0xF6 is no UTF-8 text; save the file as UTF-8");
    refuse("x,y\n1,M\xFCller\n", ":2:2", "the byte 0xFC is no UTF-8 text; save the file as UTF-8");
    refuse("\x7F"
           "ELF,\x02\x01\n",
           ":1:1", "the byte 0x7F is no text; is this a CSV file?");
}

Test(csv, quotes_that_do_not_fit)
{
    refuse("x,y\n1,2\n3,\"4\n5,6\n", ":3:2", "the quote that opens this field is never closed");
    refuse("x,y\n\"1\n\"a,2\n", ":3:1",
           "text follows the closing quote; a quote inside a quoted field is doubled");
}

Test(csv, a_long_path_keeps_its_end)
{
    char name[300], where[128];
    memset(name, 'd', sizeof name);
    strcpy(name + 280, "/houses.csv");
    csv_place(where, sizeof where, name, 12, 3);
    cr_assert_eq(strlen(where), 127);
    SAME(where + 111, "/houses.csv:12:3");
    cr_assert(memcmp(where, "...d", 4) == 0);
    csv_place(where, sizeof where, "a.csv", 0, 0);
    SAME(where, "a.csv");
}

Test(csv, an_interrupt_stops_reading)
{
    struct dataset *dataset;
    write_bytes("1,2\n", 4);
    atomic_store(&context.interrupted, 1);
    cr_assert_eq(dataset_read(&dataset, &context, path, NULL, &error), STATUS_INTERRUPTED);
    cr_assert_eq(atomic_load(&context.interrupted), 0);
    cr_assert_null(dataset);
}

/* --- numbers --- */

static void check_number(const char *text)
{
    double value = 0, expected = strtod(text, NULL);
    enum number_kind kind = number_read(text, strlen(text), &value);
    cr_assert_eq(kind, isfinite(expected) ? NUMBER_FINITE : NUMBER_INFINITE, "%s", text);
    cr_assert(memcmp(&value, &expected, sizeof value) == 0, "%s: %.17g, not %.17g", text, value,
              expected);
}

Test(csv, numbers_are_correctly_rounded)
{
    static const char *const hard[] = {
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "-.5e-3",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992",
        "9007199254740991e22",
        "123456789012345678901234567890",
        "0.1",
        "1e-22",
        "1e-23",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e309",
        "-1e309",
        "8.442911973260991817129021e-309",
        "0.000000000000000000000000000000000000000000000000000000000001e60",
        "1000000000000000000000000000000000000000000000000000000000000e-60",
        "1e-99999999999999",
        "1e99999999999999",
        "0e99999999999999",
        "6929495644600919.5",
        "3.7455744005952583e15",
    };
    struct number_locale locale;
    cr_assert_eq(number_locale_enter(&locale, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        check_number(hard[i]);
    struct generator generator;
    generator_seed(&generator, 11);
    for (int i = 0; i < 100000; i++) {
        char text[64];
        double mantissa = floor(generator_uniform(&generator) * 1e16);
        int digits = (int)generator_below(&generator, 17);
        snprintf(text, sizeof text, "%s%.*f%.*fe%d", i % 2 == 0 ? "-" : "", 0, mantissa, digits,
                 generator_uniform(&generator), (int)generator_below(&generator, 60) - 30);
        char *second = strchr(text, '.');
        if (second != NULL)
            memmove(second - 1, second, strlen(second) + 1); /* the 0 of 0.123 */
        check_number(text);
    }
    number_locale_leave(&locale);
}

Test(csv, what_is_no_number)
{
    static const char *const wrong[] = {"",         "+",    "-",     ".",   "e5",      "1e",  "1e+",
                                        "1.2.3",    "0x10", "1_000", "1,5", "--1",     "1 2", "nan",
                                        "infinite", "in",   "1d5",   "1f",  "\xD9\xA1"};
    struct number_locale locale;
    double value;
    cr_assert_eq(number_locale_enter(&locale, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(number_read(wrong[i], strlen(wrong[i]), &value), NUMBER_NONE, "%s", wrong[i]);
    number_locale_leave(&locale);
}

Test(csv, numbers_written_read_back)
{
    struct number_locale locale;
    struct generator generator;
    generator_seed(&generator, 12);
    cr_assert_eq(number_locale_enter(&locale, &error), STATUS_OK);
    char text[32];
    number_write(0.1, text, sizeof text);
    SAME(text, "0.1");
    number_write(1.0 / 3, text, sizeof text);
    SAME(text, "0.3333333333333333");
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = (uint64_t)generator_bits(&generator) << 32 | generator_bits(&generator);
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        size_t length = number_write(value, text, sizeof text);
        cr_assert_eq(length, strlen(text));
        cr_assert_eq(number_read(text, length, &back), NUMBER_FINITE);
        cr_assert(memcmp(&value, &back, sizeof value) == 0, "%s", text);
    }
    number_locale_leave(&locale);
}

Test(csv, a_decimal_comma_in_the_locale_changes_nothing)
{
    static const char *const known[] = {"de_DE.UTF-8", "de_DE.utf8",  "fr_FR.UTF-8", "it_IT.UTF-8",
                                        "de_DE",       "ru_RU.UTF-8", "pt_BR.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known && found == NULL; i++)
        found = setlocale(LC_ALL, known[i]);
    if (found == NULL)
        cr_skip_test("no locale with a decimal comma is installed");
    cr_assert_str_eq(localeconv()->decimal_point, ",");
    char buffer[256];
    struct dataset *dataset = read_text("x,y\n0.12345678901234567,1.5\n1e-30,2\n");
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
    setlocale(LC_ALL, "C");
    SAME(described(dataset, buffer, sizeof buffer),
         "f|x -> y|0.12345678901234566 1.5;1.0000000000000001e-30 2;");
    dataset_release(dataset);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(fgets(buffer, sizeof buffer, file));
    cr_assert_not_null(fgets(buffer, sizeof buffer, file));
    SAME(buffer, "0.12345678901234566,1.5\n");
    fclose(file);
}

/* --- writing --- */

static char *content(char *text, size_t size)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Writes and reads back: the same to the last bit. */
static void round_trip(struct dataset *dataset)
{
    char before[4096], after[4096];
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK, "%s: %s", error.where,
                 error.text);
    struct dataset *back;
    struct dataset_column y[8];
    for (size_t k = 0; k < dataset->outputs; k++)
        y[k] = (struct dataset_column){.number = dataset->inputs + k + 1};
    const struct dataset_columns columns = {
        .y = y, .y_count = dataset->outputs, .header = DATASET_HEADER_PRESENT};
    cr_assert_eq(dataset_read(&back, &context, path, &columns, &error), STATUS_OK, "%s: %s",
                 error.where, error.text);
    SAME(described(back, after, sizeof after), described(dataset, before, sizeof before));
    dataset_release(back);
    dataset_release(dataset);
}

Test(csv, writing_is_exact)
{
    char text[512];
    struct dataset *dataset = read_text("\"a \"\"b\"\", c\",y\n0.1,-0\n1e300,3\n");
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
    SAME(content(text, sizeof text), "\"a \"\"b\"\", c\",y\n0.1,-0\n1e+300,3\n");
    round_trip(dataset);
    round_trip(read_text("x,y\n1,pear\n2,\" a\"\n3,\"p;q\"\n4,\"\tt\"\n5,\"two\r\nlines\"\n"));
    round_trip(read_text("city,size,y\nRome,1,10\nBonn,2,20\n"));
    struct dataset *gabor;
    cr_assert_eq(dataset_builtin(&gabor, &context, "gabor30", &error), STATUS_OK);
    cr_assert_eq(dataset_write(gabor, path, &error), STATUS_OK);
    struct dataset *back;
    cr_assert_eq(dataset_read(&back, &context, path, NULL, &error), STATUS_OK);
    cr_assert(memcmp(back->x, gabor->x, 30 * sizeof(double)) == 0);
    cr_assert(memcmp(back->y, gabor->y, 30 * sizeof(double)) == 0);
    dataset_release(back);
    dataset_release(gabor);
}

Test(csv, writing_random_bits_is_exact)
{
    struct generator generator;
    generator_seed(&generator, 13);
    double x[60], y[40];
    for (int trial = 0; trial < 20; trial++) {
        for (size_t i = 0; i < 100;) {
            uint64_t bits = (uint64_t)generator_bits(&generator) << 32 | generator_bits(&generator);
            double *to = i < 60 ? &x[i] : &y[i - 60];
            memcpy(to, &bits, sizeof *to);
            i += isfinite(*to);
        }
        struct dataset *dataset;
        const struct dataset_source source = {
            .name = "f", .examples = 20, .inputs = 3, .outputs = 2, .x = x, .y = y};
        cr_assert_eq(dataset_new(&dataset, &context, &source, &error), STATUS_OK);
        round_trip(dataset);
    }
}

Test(csv, writing_replaces_a_file_and_keeps_its_rights)
{
    struct dataset *dataset = read_text("x,y\n1,2\n");
    struct stat state;
    cr_assert_eq(chmod(path, 0640), 0);
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
    cr_assert_eq(stat(path, &state), 0);
    cr_assert_eq(state.st_mode & 0777, 0640);
    char link[160], text[64];
    snprintf(link, sizeof link, "%s/link.csv", folder);
    cr_assert_eq(symlink("f.csv", link), 0);
    dataset->x[0] = 7;
    cr_assert_eq(dataset_write(dataset, link, &error), STATUS_OK);
    cr_assert_eq(lstat(link, &state), 0);
    cr_assert(S_ISLNK(state.st_mode), "the link is still one");
    SAME(content(text, sizeof text), "x,y\n7,2\n");
    remove(link);
    dataset_release(dataset);
}

/* Writes nothing, and leaves no temporary file: finish() removes the folder. */
Test(csv, writing_fails_whole)
{
    char other[160];
    struct dataset *dataset = read_text("x,y\n1,2\n");
    snprintf(other, sizeof other, "%s/none/f.csv", folder);
    cr_assert_eq(dataset_write(dataset, other, &error), STATUS_FILE);
    SAME(error.where, other);
    SAME(error.text, "cannot be written: No such file or directory");
    cr_assert_eq(dataset_write(dataset, folder, &error), STATUS_FILE);
    SAME(error.text, "cannot be written: Is a directory");
    if (access("/dev/full", W_OK) == 0) {
        cr_assert_eq(dataset_write(dataset, "/dev/full", &error), STATUS_FILE);
        SAME(error.text, "cannot be written: No space left on device");
    }
    cr_assert_eq(dataset_write(dataset, "/dev/null", &error), STATUS_OK);
    context.memory.fail_at = context.memory.requests + 1;
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_MEMORY);
    context.memory.fail_at = context.memory.requests + 2;
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_MEMORY);
    context.memory.fail_at = 0;
    dataset_release(dataset);
    dataset = read_text("x,y\n1,a\n2,b\n");
    memory_free(&context, dataset->class_names[0]);
    dataset->class_names[0] = memory_copy_text(&context, "NA");
    cr_assert_eq(dataset_write(dataset, path, &error), STATUS_UNSUPPORTED);
    dataset_release(dataset);
}

/* --- all of it under stress --- */

static const char *const samples[] = {
    "x,y\n1,2\n3,4\n5.5,-6e3\n",
    "\xEF\xBB\xBF\"a, b\",\"say \"\"hi\"\"\",y\r\n1,red,\"yes\"\r\n2,\"bl\"\"ue\",no\r\n",
    "1;2;3\n4;5;6\n\n7;8;\n",
    "a\tb\tc\r1\tNA\t3\r4\t5\t6\r",
    "5.1,3.5,setosa\n4.9,?,setosa\n6.2,2.9,versicolor\n\"x\ny\",1,2\n",
};

Test(csv, fails_cleanly_without_memory)
{
    const struct dataset_columns drop = {
        .drop_missing = true, .y = NAMED({.number = 1}), .y_count = 1, .classes = true};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct dataset *dataset;
        write_bytes(samples[i], strlen(samples[i]));
        atomic_store(&context.memory.requests, 0);
        context.memory.fail_at = 0;
        enum status normal = dataset_read(&dataset, &context, path, &drop, &error);
        dataset_release(dataset);
        size_t requests = context.memory.requests;
        for (size_t n = 1; n <= requests; n++) {
            atomic_store(&context.memory.requests, 0);
            context.memory.fail_at = n;
            cr_assert_eq(dataset_read(&dataset, &context, path, &drop, &error), STATUS_MEMORY,
                         "sample %zu, request %zu: %s", i, n, error.text);
            cr_assert_null(dataset);
            cr_assert_eq(context.memory.live, 0, "sample %zu, request %zu", i, n);
        }
        context.memory.fail_at = 0;
        cr_assert_eq(dataset_read(&dataset, &context, path, &drop, &error), normal);
        dataset_release(dataset);
    }
}

static size_t mutate(struct generator *generator, char *text, size_t length, size_t room)
{
    static const char pieces[] = "\"\",\n\r\t; 0.eE+-1?NA\xEF\xFF\x01";
    for (uint64_t count = 1 + generator_below(generator, 6); count-- > 0;) {
        size_t at = (size_t)generator_below(generator, length + 1);
        switch (generator_below(generator, 4)) {
        case 0: /* another byte */
            if (at < length)
                text[at] = pieces[generator_below(generator, sizeof pieces)];
            break;
        case 1: /* one more */
            if (length + 1 < room) {
                memmove(text + at + 1, text + at, length - at);
                text[at] = pieces[generator_below(generator, sizeof pieces)];
                length++;
            }
            break;
        case 2: /* some less */
            if (at < length) {
                size_t less = 1 + (size_t)generator_below(generator, length - at);
                less = less > 8 ? 8 : less;
                memmove(text + at, text + at + less, length - at - less);
                length -= less;
            }
            break;
        default: /* a part twice */
            if (at < length && 2 * length - at < room) {
                memmove(text + length, text + at, length - at);
                length += length - at;
            }
        }
    }
    return length;
}

/* Whatever the file, it is read whole or refused with a sentence and a place; and what was read can
 * be written and read again. */
Test(csv, mutated_files_never_crash)
{
    struct generator generator;
    generator_seed(&generator, 20240607);
    size_t read = 0;
    for (int trial = 0; trial < 6000; trial++) {
        char text[1024];
        const char *sample = samples[generator_below(&generator, sizeof samples / sizeof *samples)];
        size_t length = strlen(sample);
        memcpy(text, sample, length);
        length = mutate(&generator, text, length, sizeof text);
        write_bytes(text, length);
        const struct dataset_column first = {.number = 1};
        const struct dataset_columns columns = {
            .drop_missing = generator_below(&generator, 2) == 0,
            .classes = generator_below(&generator, 4) == 0,
            .header = (enum dataset_header)generator_below(&generator, 3),
            .y = &first,
            .y_count = (size_t)generator_below(&generator, 2),
        };
        struct dataset *dataset = (struct dataset *)&context;
        error = (struct error){0};
        enum status status = dataset_read(&dataset, &context, path, &columns, &error);
        if (status != STATUS_OK) {
            cr_assert_null(dataset);
            cr_assert_eq(error.status, status);
            cr_assert_eq(strncmp(error.where, path, strlen(path)), 0);
            cr_assert_gt(strlen(error.text), 10);
            cr_assert_null(strpbrk(error.text, "\n\r\t\x01"));
            cr_assert_eq(csv_text_length(error.text, strlen(error.text)), strlen(error.text));
        } else {
            read++;
            for (size_t i = 0; i < dataset->examples * dataset->inputs; i++)
                cr_assert(isfinite(dataset->x[i]));
            cr_assert_eq(dataset_write(dataset, path, &error), STATUS_OK);
            dataset_release(dataset);
        }
        cr_assert_eq(context.memory.live, 0);
    }
    cr_assert(read > 200 && read < 5500, "%zu of them were read", read);
}
