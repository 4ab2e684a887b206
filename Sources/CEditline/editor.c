// The editor: one typed call for each variadic one of libedit.
#include "CEditline.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

_Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "libedit's characters are Unicode scalars here");
_Static_assert((int)CE_NORMAL == CC_NORM && (int)CE_PENDING == CC_ARGHACK && (int)CE_REFRESH == CC_REFRESH &&
                   (int)CE_ERROR == CC_ERROR,
               "CE_ values are libedit's");

#define TEXT(number) #number
#define VERSION(major, minor) TEXT(major) "." TEXT(minor)
const char *ce_libedit_version(void) { return VERSION(LIBEDIT_MAJOR, LIBEDIT_MINOR); }

// Of ncurses, which libedit asks for the terminal's sequences; its header has a macro `lines`, among others.
extern int tgetent(char *buffer, const char *name);

bool ce_knows_terminal(const char *name) { return tgetent(NULL, name) == 1; }

struct ce_editor {
  EditLine *line;
  History *history;
  ce_callbacks callbacks;
  char *prompt;
  bool is_grown;
};

/// The one function of ours that keys are bound to; which command it is follows from the key.
static const char command_name[] = "moongate";

static ce_editor *owner(EditLine *line) {
  void *data = NULL;
  el_get(line, EL_CLIENTDATA, &data);
  return data;
}

/// Several commands (em-copy-prev-word, vi's p) keep a pointer into the line over a realloc of it. Grown to its full
/// size once, and never filled beyond half of it, the line never moves. Before the first text, and not before the
/// first prompt: it is half of all instructions that the editor takes to open, and a megabyte.
static bool grow(ce_editor *editor) {
  if (editor->is_grown) return true;
  wchar_t *spaces = malloc((CE_CAPACITY / 2 + 1) * sizeof *spaces);
  if (!spaces) return false;
  wmemset(spaces, L' ', CE_CAPACITY / 2);
  spaces[CE_CAPACITY / 2] = 0;
  editor->is_grown = el_winsertstr(editor->line, spaces) == 0;
  if (editor->is_grown) el_deletestr(editor->line, CE_CAPACITY / 2);
  free(spaces);
  return editor->is_grown;
}

static int get_key(EditLine *line, wchar_t *key) {
  ce_editor *editor = owner(line);
  int32_t scalar = editor->callbacks.next_key(editor->callbacks.context);
  if (scalar > 0 && grow(editor)) {
    *key = (wchar_t)scalar;
    return 1;
  }
  *key = 0;
  errno = EINTR;  // on which libedit drops the line and answers NULL and -1
  return -1;
}

static unsigned char run_command(EditLine *line, int key) {
  ce_editor *editor = owner(line);
  return (unsigned char)editor->callbacks.perform(editor->callbacks.context, (uint32_t)key);
}

static char *get_prompt(EditLine *line) { return owner(line)->prompt; }

ce_editor *ce_open(const char *program, ce_callbacks callbacks) {
  ce_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->callbacks = callbacks;
  editor->prompt = strdup("");
  editor->line = el_init(program, stdin, stdout, stderr);
  editor->history = history_init();
  if (!editor->prompt || !editor->line || !editor->history) {
    ce_close(editor);
    return NULL;
  }
  EditLine *line = editor->line;
  el_set(line, EL_CLIENTDATA, editor);
  el_set(line, EL_SIGNAL, 0);
  el_wset(line, EL_GETCFN, get_key);
  el_set(line, EL_PROMPT_ESC, get_prompt, '\1');
  // The narrow call copies the strings; the wide one keeps the pointers.
  el_set(line, EL_ADDFN, command_name, "Moongate's own", run_command);
  // While a line is edited Ctrl-S is a key, and does not stop the terminal.
  el_set(line, EL_SETTY, "-d", "-ixon", NULL);
  // An empty history of libedit's: its search functions call through the pointer without asking.
  el_set(line, EL_HIST, history, editor->history);

  // Without the terminal's inserting and deleting of characters libedit writes the rest of a row anew. With
  // them it clears, in rows that wrapped, what it has just moved: at 40 columns one in ten lines lost the end
  // of a row on the screen when something was typed at its beginning.
  static const char *const shifting[] = {"ic", "IC", "im", "dc", "DC", "dm"};
  for (size_t i = 0; i < sizeof shifting / sizeof *shifting; i++) el_set(line, EL_SETTC, shifting[i], "", NULL);

  return editor;
}

void ce_close(ce_editor *editor) {
  if (editor->line) {
    // With editing off el_end leaves the terminal alone; otherwise it would throw away what was typed ahead.
    el_set(editor->line, EL_EDITMODE, 0);
    el_end(editor->line);
  }
  if (editor->history) history_end(editor->history);
  free(editor->prompt);
  free(editor);
}

void ce_set_map(ce_editor *editor, const char *name) { el_set(editor->line, EL_EDITOR, name); }

bool ce_is_vi(const ce_editor *editor) {
  const char *name = NULL;
  return el_get(editor->line, EL_EDITOR, &name) == 0 && name && strcmp(name, "vi") == 0;
}

bool ce_parse(ce_editor *editor, const char *line) {
  Tokenizer *words = tok_init(NULL);
  if (!words) return false;
  int count = 0;
  const char **list = NULL;
  // What is not 0 is a quote that nothing closes, and then there are no words.
  bool understood = tok_str(words, line, &count, &list) == 0 && el_parse(editor->line, count, list) != -1;
  tok_end(words);
  // `edit off` would hand Ctrl-C, blocks and the guards back to the kernel.
  el_set(editor->line, EL_EDITMODE, 1);
  el_set(editor->line, EL_SIGNAL, 0);
  return understood;
}

void ce_bind(ce_editor *editor, const char *key, bool command_map) {
  ce_bind_builtin(editor, key, command_name, command_map);
}

void ce_bind_builtin(ce_editor *editor, const char *key, const char *function, bool command_map) {
  if (command_map)
    el_set(editor->line, EL_BIND, "-a", key, function, NULL);
  else
    el_set(editor->line, EL_BIND, key, function, NULL);
}

void ce_bind_macro(ce_editor *editor, const char *key, const char *keys) {
  el_set(editor->line, EL_BIND, "-s", key, keys, NULL);
}

bool ce_set_prompt(ce_editor *editor, const char *prompt) {
  char *copy = strdup(prompt);
  if (!copy) return false;
  free(editor->prompt);
  editor->prompt = copy;
  return true;
}

const uint32_t *ce_read(ce_editor *editor, int32_t *count) {
  int length = 0;
  // vi's undo would bring back the spaces that grow() takes away; el_wgets forgets what can be undone when it begins.
  if (ce_is_vi(editor)) grow(editor);
  const wchar_t *text = el_wgets(editor->line, &length);
  if (text && length > 0 && text[length - 1] == L'\n') length--;
  *count = length;
  return (const uint32_t *)text;
}

const uint32_t *ce_text(const ce_editor *editor, size_t *count, size_t *cursor) {
  const LineInfoW *line = el_wline(editor->line);
  *count = (size_t)(line->lastchar - line->buffer);
  *cursor = (size_t)(line->cursor - line->buffer);
  return (const uint32_t *)line->buffer;
}

void ce_insert(ce_editor *editor, const uint32_t *text) {
  const LineInfoW *line = el_wline(editor->line);
  size_t held = (size_t)(line->lastchar - line->buffer);
  if (held + wcslen((const wchar_t *)text) <= CE_CAPACITY / 2 && grow(editor))
    el_winsertstr(editor->line, (const wchar_t *)text);
}

void ce_delete_before(ce_editor *editor, int32_t count) { el_deletestr(editor->line, count); }
void ce_move(ce_editor *editor, int32_t by) { el_cursor(editor->line, by); }
void ce_redraw(ce_editor *editor) { el_set(editor->line, EL_REFRESH); }
void ce_resize(ce_editor *editor) { el_resize(editor->line); }

void ce_size(const ce_editor *editor, int32_t *rows, int32_t *columns) {
  int lines = 24, width = 80;
  el_get(editor->line, EL_GETTC, "li", &lines);
  el_get(editor->line, EL_GETTC, "co", &width);
  *rows = lines;
  *columns = width;
}

bool ce_moves_up(const ce_editor *editor) {
  char *sequence = NULL;
  return el_get(editor->line, EL_GETTC, "up", &sequence) == 0 && sequence && *sequence;
}

void ce_set_raw(ce_editor *editor, bool raw) { el_set(editor->line, EL_PREP_TERM, (int)raw); }
void ce_beep(ce_editor *editor) { el_beep(editor->line); }

void ce_write(const char *bytes, size_t count) {
  fwrite(bytes, 1, count, stdout);
  fflush(stdout);
}

int32_t ce_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }
