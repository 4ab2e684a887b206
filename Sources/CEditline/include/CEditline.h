// CEditline: libedit behind calls that Swift can make, and the terminal's signals.
//
// libedit's own calls (el_set, el_get, history) are variadic, which Swift cannot call; and what runs inside a
// signal handler stays in C. Everything here is for the main thread. Written against Debian 12's libedit
// 3.1-20221030; each guard names the fault it is for.
#ifndef CEDITLINE_H
#define CEDITLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The editor ---- */

/// The version of libedit's interface that this was built for; libedit tells no other.
const char *ce_libedit_version(void);

/// True when the system's terminfo has a terminal of this name.
bool ce_knows_terminal(const char *name);

/// One line editor on stdin, stdout and stderr.
typedef struct ce_editor ce_editor;

/// What the editor asks of its owner. `context` is handed back unchanged.
typedef struct {
  void *context;
  /// The next key, a Unicode scalar above 0; or -1 to give the line up.
  int32_t (*next_key)(void *context);
  /// Runs the command bound to `key`; the result is one of the CE_ values.
  int32_t (*perform)(void *context, uint32_t key);
} ce_callbacks;

/// What `perform` answers: nothing to draw, draw again, beep, or keep a vi operator (the `d` of `d$`)
/// waiting.
enum { CE_NORMAL = 0, CE_PENDING = 3, CE_REFRESH = 4, CE_ERROR = 6 };

/// The bounds that keep libedit's buffers where they are; see ce_open.
enum { CE_CAPACITY = 65536 };

/// Opens an editor; `program` is its name in .editrc (`moongate:bind …`). NULL when memory or terminal fail.
ce_editor *ce_open(const char *program, ce_callbacks callbacks);
void ce_close(ce_editor *editor);

/// Chooses the key map, "emacs" or "vi"; this wipes every binding.
void ce_set_map(ce_editor *editor, const char *name);
bool ce_is_vi(const ce_editor *editor);
/// Does what a line of an .editrc says; false when it was not understood.
bool ce_parse(ce_editor *editor, const char *line);
/// Binds a key, in libedit's notation, to `perform`; `command_map` means vi's command mode.
void ce_bind(ce_editor *editor, const char *key, bool command_map);
/// Binds a key to one of libedit's own functions.
void ce_bind_builtin(ce_editor *editor, const char *key, const char *function, bool command_map);
/// Lets a key stand for others, as if these were typed.
void ce_bind_macro(ce_editor *editor, const char *key, const char *keys);

/// The prompt, copied. Bytes between two \1 are sent but take no room.
bool ce_set_prompt(ce_editor *editor, const char *prompt);
/// Edits one line: its scalars with `*count` of them and no line end, valid until the next call; or NULL
/// with `*count` 0 for the end of input (Ctrl-D) and -1 when the line was given up.
const uint32_t *ce_read(ce_editor *editor, int32_t *count);

/* Inside the callbacks only: the text being edited. */
const uint32_t *ce_text(const ce_editor *editor, size_t *count, size_t *cursor);
/// Inserts a text that ends in a zero at the cursor; nothing happens past CE_CAPACITY / 2.
void ce_insert(ce_editor *editor, const uint32_t *text);
void ce_delete_before(ce_editor *editor, int32_t count);
void ce_move(ce_editor *editor, int32_t by);

/// Forgets what is on the screen and draws from the current row.
void ce_redraw(ce_editor *editor);
/// Reads the window's size again.
void ce_resize(ce_editor *editor);
/// The size that libedit believes in, which is what its buffers are made for.
void ce_size(const ce_editor *editor, int32_t *rows, int32_t *columns);
/// True when the terminal can move its cursor up, false on TERM=dumb and unknown ones.
bool ce_moves_up(const ce_editor *editor);
/// Raw mode for editing, or the mode the terminal had.
void ce_set_raw(ce_editor *editor, bool raw);
void ce_beep(ce_editor *editor);
/// Writes to the editor's terminal, in order with what libedit wrote.
void ce_write(const char *bytes, size_t count);

/// Columns of a scalar: 0 for combining ones, -1 for what cannot be printed, in the current locale.
int32_t ce_width(uint32_t scalar);

/* ---- Signals of the terminal ---- */

/// From now on SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP and SIGQUIT (those not ignored) only put a byte
/// into a pipe. Answers the descriptor to poll, or -1 with errno.
int ce_signals_begin(void);
/// The next signal that arrived, or 0.
int ce_signals_next(void);
/// Gives each signal the handler it had before.
void ce_signals_end(void);
/// Stops the process as an unhandled SIGTSTP does; returns when it is continued.
void ce_stop(void);

#endif
