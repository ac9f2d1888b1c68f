/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repl/edit.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "bind/bind.h"
#include "host/terminal.h"
#include "repl/complete.h"
#include "repl/interrupt.h"
#include "repl/prompt.h"

/* Readline keeps its own state in statics and hands none of ours to its callbacks. */
static struct {
    lua_State *L;
    struct context *context;
    bool plain; /* a terminal that cannot move its cursor: lines are read one by one */
    bool done, lost, cleared;
    bool pasting;                   /* what is read now is text, whatever the bytes are */
    int interrupt_key, suspend_key; /* bytes of Ctrl-C and Ctrl-Z, or -1 */
    char *text;                     /* the accepted text, or NULL at the end of the input */
    sigset_t before;

    /* walking through the history */
    char *draft;   /* what stood there before; NULL: not walking */
    int place;     /* of the entry shown, from 0; history_length is the draft */
    size_t prefix; /* bytes of the draft that every entry must begin with */
    int prompt_cells;
    int goal; /* the column that Up and Down try to keep */
} editor;

static volatile sig_atomic_t ending, resized, suspended;

/* --- lines inside the buffer ------------------------------------------------------------------ */

static int line_first(int point)
{
    while (point > 0 && rl_line_buffer[point - 1] != '\n')
        point--;
    return point;
}

static int line_last(int point)
{
    while (point < rl_end && rl_line_buffer[point] != '\n')
        point++;
    return point;
}

/* Bytes and cells of the character at `point`. */
static int character(int point, int *cells)
{
    wchar_t wide;
    mbstate_t state = {0};
    size_t size = mbrtowc(&wide, rl_line_buffer + point, (size_t)(rl_end - point), &state);
    if (size == 0 || size > (size_t)(rl_end - point)) {
        *cells = 1;
        return 1;
    }
    int width = wcwidth(wide);
    *cells = width < 0 ? 1 : width;
    return (int)size;
}

/* The column on the screen: the first line begins after the prompt. */
static int column_of(int point)
{
    int first = line_first(point), column = first == 0 ? editor.prompt_cells : 0, cells;
    for (int at = first; at < point; column += cells)
        at += character(at, &cells);
    return column;
}

/* The point in the line that begins at `first` whose column is nearest to the goal from below. */
static int at_column(int first, int goal)
{
    int last = line_last(first), column = first == 0 ? editor.prompt_cells : 0, cells, at = first;
    while (at < last) {
        int size = character(at, &cells);
        if (column + cells > goal)
            break;
        column += cells;
        at += size;
    }
    while (at < last && (character(at, &cells), cells == 0))
        at += character(at, &cells);
    return at;
}

/* Cells of a prompt; what stands between the marks of Readline takes none. */
static int cells_of_prompt(const char *prompt)
{
    int count = 0;
    bool hidden = false;
    for (; *prompt != '\0'; prompt++) {
        if (*prompt == RL_PROMPT_START_IGNORE || *prompt == RL_PROMPT_END_IGNORE)
            hidden = *prompt == RL_PROMPT_START_IGNORE;
        else if (!hidden && ((unsigned char)*prompt & 0xC0) != 0x80)
            count++;
    }
    return count;
}

static int begin_line(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    rl_point = line_first(rl_point);
    return 0;
}

static int end_line(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    rl_point = line_last(rl_point);
    return 0;
}

static int kill_to_end(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    int last = line_last(rl_point);
    if (last == rl_point && last < rl_end)
        last++; /* at the end of a line: join with the next */
    rl_kill_text(rl_point, last);
    return 0;
}

static int kill_to_start(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    int first = line_first(rl_point);
    if (first == rl_point && first > 0)
        first--;
    rl_kill_text(rl_point, first);
    rl_point = first;
    return 0;
}

/* vi's A and I */
static int append_to_line(int count, int key_pressed)
{
    rl_point = line_last(rl_point);
    return rl_vi_insertion_mode(count, key_pressed);
}

static int insert_in_line(int count, int key_pressed)
{
    rl_point = line_first(rl_point);
    while (rl_point < rl_end &&
           (rl_line_buffer[rl_point] == ' ' || rl_line_buffer[rl_point] == '\t'))
        rl_point++;
    return rl_vi_insertion_mode(count, key_pressed);
}

/* --- history ---------------------------------------------------------------------------------- */

static const char *entry_at(int place)
{
    if (place == history_length)
        return editor.draft;
    HIST_ENTRY *entry = history_get(history_base + place);
    return entry != NULL ? entry->line : "";
}

static void forget_walk(void)
{
    free(editor.draft);
    editor.draft = NULL;
}

static void begin_walk(void)
{
    forget_walk();
    editor.draft = malloc((size_t)rl_end + 1);
    if (editor.draft == NULL)
        return;
    memcpy(editor.draft, rl_line_buffer, (size_t)rl_end);
    editor.draft[rl_end] = '\0';
    editor.prefix = (size_t)rl_point;
    editor.place = history_length;
}

/* Shows the next entry in the direction that has the prefix and differs from what is shown. */
static void walk(int direction)
{
    if (editor.draft == NULL || strcmp(entry_at(editor.place), rl_line_buffer) != 0)
        begin_walk();
    if (editor.draft == NULL)
        return;
    for (int place = editor.place + direction; place >= 0 && place <= history_length;
         place += direction) {
        const char *text = entry_at(place);
        if (strncmp(text, editor.draft, editor.prefix) != 0 || strcmp(text, rl_line_buffer) == 0)
            continue;
        editor.place = place;
        rl_replace_line(text, 1);
        rl_point = direction < 0 || place == history_length ? rl_end : line_last(0);
        return;
    }
    rl_ding();
}

static int up(int count, int key_pressed);
static int down(int count, int key_pressed);

static void keep_goal(void)
{
    if (rl_last_func != up && rl_last_func != down)
        editor.goal = column_of(rl_point);
}

static int up(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    int first = line_first(rl_point);
    if (first > 0) {
        keep_goal();
        rl_point = at_column(line_first(first - 1), editor.goal);
    } else {
        walk(-1);
    }
    return 0;
}

static int down(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    int last = line_last(rl_point);
    if (last < rl_end) {
        keep_goal();
        rl_point = at_column(last + 1, editor.goal);
    } else if (editor.draft != NULL) {
        walk(1);
    } else {
        rl_ding();
    }
    return 0;
}

/* --- Enter, Tab, paste ------------------------------------------------------------------------ */

static int new_line(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    rl_insert_text("\n");
    return 0;
}

static int enter(int count, int key_pressed)
{
    if (!editor.plain && prompt_incomplete(editor.L, rl_line_buffer))
        return new_line(1, '\n');
    return rl_newline(count, key_pressed);
}

/* Completes; on the blank beginning of a further line it indents. */
static int tab(int count, int key_pressed)
{
    int first = line_first(rl_point);
    if (first > 0 && (int)strspn(rl_line_buffer + first, " \t") >= rl_point - first) {
        rl_insert_text("    ");
        return 0;
    }
    if (rl_last_func == tab)
        rl_last_func = rl_complete; /* a second Tab lists */
    return rl_complete(count, key_pressed);
}

/* Shows the arguments of the call that the cursor stands in. */
static int show_signature(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    char *text = prompt_signature(editor.L, rl_line_buffer, rl_point);
    if (text == NULL) {
        rl_ding();
        return 0;
    }
    int point = rl_point;
    rl_point = rl_end;
    rl_redisplay();
    fprintf(rl_outstream, "\n%s\n", text);
    free(text);
    rl_point = point;
    rl_on_new_line();
    rl_redisplay();
    return 0;
}

/* Everything up to ESC [ 201 ~ as it comes, with newlines of one kind and without control bytes. It
 * is never run before Enter. */
static int paste(int count, int key_pressed)
{
    static const char stop[] = "\033[201~";
    enum { STOP = sizeof stop - 1 };
    (void)count, (void)key_pressed;
    size_t size = 0, room = 4096;
    char *text = malloc(room);
    if (text == NULL)
        return 0;
    editor.pasting = true;
    while (!editor.lost && !editor.cleared) {
        int byte = rl_read_key();
        if (byte == EOF || editor.lost || editor.cleared)
            break;
        if (size + 2 > room) {
            char *larger = realloc(text, room * 2);
            if (larger == NULL)
                break;
            text = larger;
            room *= 2;
        }
        text[size++] = (char)byte;
        if (size >= STOP && memcmp(text + size - STOP, stop, STOP) == 0) {
            size -= STOP;
            break;
        }
    }
    editor.pasting = false;
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '\r') {
            if (i + 1 < size && text[i + 1] == '\n')
                continue;
            byte = '\n';
        }
        if (byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7f))
            text[kept++] = (char)byte;
    }
    while (kept > 0 && text[kept - 1] == '\n')
        kept--;
    text[kept] = '\0';
    char *changed = prompt_pasted(editor.L, text);
    if (changed == NULL && editor.plain)
        for (char *mark = text; (mark = strchr(mark, '\n')) != NULL;)
            *mark = ' ';
    if (!editor.cleared)
        rl_insert_text(changed != NULL ? changed : text);
    free(changed);
    free(text);
    return 0;
}

/* A key that does nothing: ^\ would end the program otherwise. */
enum { NO_KEY = 0x1c };

static int nothing(int count, int key_pressed)
{
    (void)count, (void)key_pressed;
    return 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

static void rebind(Keymap map, int depth)
{
    static const struct {
        rl_command_func_t *standard, *ours;
    } changes[] = {
        {rl_newline, enter},
        {rl_complete, tab},
        {rl_get_previous_history, up},
        {rl_get_next_history, down},
        {rl_history_search_backward, up},
        {rl_history_search_forward, down},
        {rl_beg_of_line, begin_line},
        {rl_end_of_line, end_line},
        {rl_kill_line, kill_to_end},
        {rl_unix_line_discard, kill_to_start},
        {rl_vi_append_eol, append_to_line},
        {rl_vi_insert_beg, insert_in_line},
        {rl_bracketed_paste_begin, paste},
    };
    for (int i = 0; i < KEYMAP_SIZE; i++) {
        if (map[i].type == ISKMAP && depth < 8) {
            union {
                rl_command_func_t *function;
                Keymap map;
            } inner = {map[i].function};
            rebind(inner.map, depth + 1);
        } else if (map[i].type == ISFUNC) {
            for (size_t j = 0; j < sizeof changes / sizeof *changes; j++)
                if (map[i].function == changes[j].standard)
                    map[i].function = changes[j].ours;
        }
    }
}

/* Again at every entry: Readline takes ^U and its like from the terminal's settings each time. */
static void bind_keys(void)
{
    rebind(emacs_standard_keymap, 0);
    rebind(vi_insertion_keymap, 0);
    rebind(vi_movement_keymap, 0);
}

static void bind_new_keys(Keymap map)
{
    rl_bind_keyseq_if_unbound_in_map("\033OP", show_signature, map); /* F1 */
    rl_bind_keyseq_if_unbound_in_map("\033[11~", show_signature, map);
    rl_bind_keyseq_if_unbound_in_map("\033[[A", show_signature, map);
    rl_bind_key_in_map(NO_KEY, nothing, map);
}

/* --- signals and bytes ------------------------------------------------------------------------ */

static void note_signal(int number)
{
    if (number == SIGWINCH)
        resized = 1;
    else if (number == SIGTSTP)
        suspended = 1;
    else
        ending = number;
}

static const int watched[] = {SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
enum { WATCHED = sizeof watched / sizeof *watched };
static struct sigaction previous[WATCHED], previous_quit;

/* From here on these signals arrive only while keys are waited for. */
static void watch_signals(void)
{
    struct sigaction action = {0}, ignore = {0};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < WATCHED; i++) {
        sigaddset(&blocked, watched[i]);
        sigaction(watched[i], NULL, &previous[i]);
        if (previous[i].sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    }
    ignore.sa_handler = SIG_IGN; /* ^\ would lose the session */
    sigaction(SIGQUIT, &ignore, &previous_quit);
    sigprocmask(SIG_BLOCK, &blocked, &editor.before);
    interrupt_reading(true);
    interrupt_take(editor.L); /* one that came when the last entry had just ended */
}

static void unwatch_signals(void)
{
    interrupt_reading(false);
    for (int i = 0; i < WATCHED; i++)
        sigaction(watched[i], &previous[i], NULL);
    sigaction(SIGQUIT, &previous_quit, NULL);
    sigprocmask(SIG_SETMASK, &editor.before, NULL);
}

/* True when a byte is there; false after a signal. */
static bool wait_for_byte(void)
{
    fd_set set;
    int file = fileno(rl_instream);
    FD_ZERO(&set);
    FD_SET(file, &set);
    int found = pselect(file + 1, &set, NULL, NULL, NULL, &editor.before);
    if (interrupt_noted())
        editor.cleared = true;
    return found != 0 && !(found < 0 && errno == EINTR);
}

/* Also called inside Readline, when a command reads a further key. After Ctrl-C it gets ^G there,
 * which ends every command. */
static int read_byte(FILE *stream)
{
    while (!editor.cleared && !ending) {
        unsigned char byte;
        int kept = terminal_kept_key(editor.context);
        if (kept >= 0)
            return kept;
        if (!wait_for_byte())
            continue;
        ssize_t got = read(fileno(stream), &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1) {
            editor.lost = true;
            return EOF;
        }
        if (editor.pasting || (byte != editor.interrupt_key && byte != editor.suspend_key))
            return byte;
        if (byte == editor.interrupt_key)
            editor.cleared = true;
        else
            suspended = 1;
        return NO_KEY;
    }
    return '\a';
}

static int key_of(cc_t byte)
{
#ifdef _POSIX_VDISABLE
    if (byte == _POSIX_VDISABLE)
        return -1;
#endif
    return byte;
}

/* Readline's settings, but Ctrl-C and Ctrl-Z come as bytes, in their place among the others: as
 * signals they would overtake what was typed before them, and throw away what is not yet read. */
static void prepare_terminal(int meta)
{
    struct termios settings;
    rl_prep_terminal(meta);
    if (tcgetattr(fileno(rl_instream), &settings) != 0)
        return;
    editor.interrupt_key = key_of(settings.c_cc[VINTR]);
    editor.suspend_key = key_of(settings.c_cc[VSUSP]);
    settings.c_lflag &= ~(tcflag_t)ISIG;
    settings.c_iflag &= ~(tcflag_t)IXON; /* ^S searches forward; it does not freeze the screen */
    tcsetattr(fileno(rl_instream), TCSADRAIN, &settings);
}

/* Terminals fold the lines on the screen anew when their width changes, and take the cursor along:
 * the entry begins as many rows above it as the new width makes. Readline counts by the old. */
static void redraw_resized(void)
{
    if (editor.plain || RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG)) {
        rl_resize_terminal();
        return;
    }
    int rows, columns, above = 0, column = editor.prompt_cells, cells;
    rl_reset_screen_size();
    rl_get_screen_size(&rows, &columns);
    for (int at = 0; at < rl_point;) {
        char byte = rl_line_buffer[at];
        at += character(at, &cells);
        if (byte == '\n') {
            above++;
            column = 0;
            continue;
        }
        if (byte == '\t')
            cells = 8 - column % 8;
        if (column + cells > columns) {
            above++;
            column = 0;
        }
        column += cells;
        if (column >= columns) {
            above++;
            column = 0;
        }
    }
    fputs("\r", rl_outstream);
    if (above > 0)
        fprintf(rl_outstream, "\033[%dA", above);
    fputs("\033[J", rl_outstream);
    rl_on_new_line();
    rl_redisplay();
}

static void suspend(void)
{
    sigset_t stop;
    struct sigaction standard = {0}, ours;
    suspended = 0;
    if (rl_deprep_term_function != NULL)
        rl_deprep_term_function();
    standard.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &standard, &ours);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* stops here */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    sigaction(SIGTSTP, &ours, NULL);
    if (rl_prep_term_function != NULL)
        rl_prep_term_function(1);
    bind_keys();
    rl_reset_screen_size();
    rl_forced_update_display();
}

/* --- the interface ---------------------------------------------------------------------------- */

static void accept_text(char *text)
{
    rl_callback_handler_remove();
    editor.text = text;
    editor.done = true;
}

int edit_signal(void)
{
    return ending;
}

enum edit_end edit_read(const char *prompt, char **entry)
{
    editor.done = editor.lost = editor.cleared = editor.pasting = false;
    editor.text = NULL;
    forget_walk();
    editor.prompt_cells = cells_of_prompt(prompt);
    watch_signals();
    rl_reset_screen_size();
    rl_callback_handler_install(prompt, accept_text);
    bind_keys();
    while (!editor.done && !editor.cleared && !ending && !interrupt_ended()) {
        if (wait_for_byte())
            rl_callback_read_char();
        if (resized) {
            resized = 0;
            redraw_resized();
        }
        if (suspended && !editor.done)
            suspend();
    }
    if (!editor.done) { /* show all of what is given up, so that the next line starts below it */
        rl_callback_sigcleanup();
        rl_point = rl_end;
        rl_redisplay();
        fputs(editor.cleared ? "^C\n" : "\n", rl_outstream);
        fflush(rl_outstream);
        rl_free_line_state();
        rl_callback_handler_remove();
    }
    unwatch_signals();
    *entry = NULL;
    if (ending || interrupt_ended())
        return EDIT_SIGNAL;
    if (!editor.done)
        return EDIT_CLEARED;
    if (editor.text == NULL || editor.lost) {
        free(editor.text);
        fputs("\n", rl_outstream);
        fflush(rl_outstream);
        return EDIT_LEFT;
    }
    *entry = editor.text;
    return EDIT_ENTRY;
}

void edit_open(lua_State *L)
{
    const char *terminal = getenv("TERM");
    editor.L = L;
    editor.context = bind_context(L);
    editor.plain = terminal == NULL || *terminal == '\0' || strcmp(terminal, "dumb") == 0;
    rl_readline_name = "descent"; /* for $if descent in ~/.inputrc */
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = read_byte;
    rl_prep_term_function = prepare_terminal;
    if (!isatty(STDOUT_FILENO)) {
        FILE *terminal_stream = fopen("/dev/tty", "w");
        if (terminal_stream != NULL)
            rl_outstream = terminal_stream;
    }
    rl_add_defun("descent-enter", enter, -1);
    rl_add_defun("descent-newline", new_line, -1);
    rl_add_defun("descent-up", up, -1);
    rl_add_defun("descent-down", down, -1);
    rl_add_defun("descent-signature", show_signature, -1);
    rl_variable_bind("show-all-if-ambiguous",
                     "on"); /* before ~/.inputrc, which may say otherwise */
    complete_open(L);
    rl_initialize();
    rl_completion_query_items = -1; /* Readline asks, but does not wait for the answer here */
    rl_variable_bind("page-completions", "off");
    if (rl_function_of_keyseq("\033\r", emacs_standard_keymap, NULL) == rl_vi_editing_mode)
        rl_bind_keyseq_in_map("\033\r", new_line, emacs_standard_keymap);
    bind_new_keys(emacs_standard_keymap);
    bind_new_keys(vi_insertion_keymap);
    rl_bind_key_in_map(NO_KEY, nothing, vi_movement_keymap);
}
