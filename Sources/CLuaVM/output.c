// The standard streams. What goes to a terminal is made visible first: a VM's name comes from other people's vCenter
// and must not drive the operator's terminal (CWE-150).
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "CLuaVM.h"

// The code point at p and its length, or a length of 0 where the bytes are not UTF-8.
static unsigned decode(const unsigned char *p, size_t left, size_t *length) {
  static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t n = p[0] < 0x80 ? 1 : (p[0] & 0xE0) == 0xC0 ? 2 : (p[0] & 0xF0) == 0xE0 ? 3 : (p[0] & 0xF8) == 0xF0 ? 4 : 0;
  *length = 0;
  if (n == 0 || n > left) return 0;
  unsigned code = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    code = code << 6 | (p[i] & 0x3Fu);
  }
  if (code < smallest[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  *length = n;
  return code;
}

// C0 and C1 controls but newline and tab, DEL, and the controls of text direction.
bool lvm_drives_terminal(uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code <= 0x9F) ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
}

static bool write_visible(FILE *stream, const unsigned char *p, size_t left) {
  while (left > 0) {
    size_t length;
    unsigned code = decode(p, left, &length);
    int written;
    if (length == 0) written = fprintf(stream, "\\x%02X", p[0]);
    else if (!lvm_drives_terminal(code)) written = fwrite(p, 1, length, stream) == length ? 1 : -1;
    // The picture of a control character, U+2400 and on.
    else if (code < 0x20) written = fprintf(stream, "\xE2\x90%c", (char)(0x80 + code));
    else written = fprintf(stream, "\\u{%X}", code);
    if (written < 0) return false;
    if (length == 0) length = 1;
    p += length;
    left -= length;
  }
  return true;
}

// The bar: one line on the terminal behind stderr, below all that is printed. A line that is printed takes its place,
// and it comes back underneath, never more than ten times a second.
static struct {
  char text[512];
  size_t length;
  bool is_up, is_shown, is_held;
  bool in_line;  // what was printed last did not end with a newline, and the bar must not be glued to it
  struct timespec drawn;
} bar;

static bool bar_is_due(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long milliseconds = (now.tv_sec - bar.drawn.tv_sec) * 1000 + (now.tv_nsec - bar.drawn.tv_nsec) / 1000000;
  if (milliseconds < 100) return false;
  bar.drawn = now;
  return true;
}

static void draw_bar(void) {
  if (!bar.is_up || bar.is_held || bar.in_line || !bar_is_due()) return;
  // One write, so that nothing comes between.
  fprintf(stderr, "\r%.*s\033[K", (int)bar.length, bar.text);
  bar.is_shown = true;
}

static void hide_bar(void) {
  if (bar.is_shown) fputs("\r\033[K", stderr);
  bar.is_shown = false;
}

void lvm_hold_bar(bool held) {
  bar.is_held = held;
  hide_bar();
}

void lvm_set_bar(const char *text, size_t length) {
  bool is_up = text && length > 0;
  // Each run ends with no bar, and tests run beside each other on threads of their own.
  if (!is_up && !bar.is_up) return;
  bar.is_up = is_up;
  if (!is_up) {
    hide_bar();
    bar.drawn = (struct timespec){0};
    return;
  }
  bar.length = length < sizeof bar.text ? length : sizeof bar.text;
  memcpy(bar.text, text, bar.length);
  draw_bar();
}

// Of stdout and stderr; -1 while that is not known.
static atomic_int terminals[2] = {-1, -1};

void lvm_streams_changed(void) { terminals[0] = terminals[1] = -1; }

// What is written at once is in the file as a whole or not at all: a run that is killed leaves no half a row behind.
static bool write_whole(FILE *stream, const char *bytes, size_t length) {
  // A stream gets its buffer at the first write; none is smaller than this.
  size_t size = __fbufsize(stream), room = size ? size - __fpending(stream) : 512;
  if (length <= room) return fwrite(bytes, 1, length, stream) == length;
  if (fflush(stream) != 0) return false;
  if (length <= size) return fwrite(bytes, 1, length, stream) == length;
  while (length > 0) {
    ssize_t written = write(fileno(stream), bytes, length);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes += written, length -= (size_t)written;
  }
  return true;
}

// Why something of stdout was lost, as an errno; 0 while nothing was. Who writes may not look, and what stdio holds back is
// lost later than it was written: so it is kept until somebody tells of it.
static atomic_int lost;

static void note_loss(void) {
  int none = 0;
  atomic_compare_exchange_strong(&lost, &none, errno);
}

int lvm_take_loss(void) {
  int now = lvm_flush() ? 0 : errno;
  int loss = atomic_exchange(&lost, 0);
  // What was written past this file fails too; stdio remembers that, and not why.
  bool has_failed = ferror(stdout) != 0;
  clearerr(stdout);
  // Somebody sees what is missing on a terminal. There a key that interrupts a write once had a session of thousands of
  // lines end as if all of it were lost.
  if (isatty(STDOUT_FILENO)) return now;
  return loss != 0 ? loss : has_failed ? -1 : 0;
}

bool lvm_write(bool to_stderr, const char *bytes, size_t length) {
  FILE *stream = to_stderr ? stderr : stdout;
  int is_terminal = terminals[to_stderr];
  if (is_terminal < 0) terminals[to_stderr] = is_terminal = isatty(to_stderr ? STDERR_FILENO : STDOUT_FILENO);
  if (is_terminal && length > 0) {
    hide_bar();
    bar.in_line = bytes[length - 1] != '\n';
  }
  bool done = is_terminal ? write_visible(stream, (const unsigned char *)bytes, length)
                        : write_whole(stream, bytes, length);
  // `… | head -1`: the reader has gone. End as a program does that SIGPIPE kills, silently.
  if (!done && errno == EPIPE && !to_stderr) _exit(141);
  if (!done && !to_stderr) note_loss();
  if (is_terminal) draw_bar();
  return done;
}

char *lvm_visible(const char *bytes, size_t length, size_t *visible) {
  char *text = NULL;
  FILE *stream = open_memstream(&text, visible);
  if (!stream) return NULL;
  bool done = write_visible(stream, (const unsigned char *)bytes, length);
  if (fclose(stream) == 0 && done) return text;
  free(text);
  return NULL;
}

bool lvm_flush(void) {
  if (fflush(stdout) == 0) return true;
  if (errno == EPIPE) _exit(141);
  note_loss();
  return false;
}

// By the C library's table for Unicode whatever the locale: what is measured is UTF-8. One that it does not know is
// shown as something, so it takes a column.
static locale_t unicode;
static void open_unicode(void) { unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

int lvm_columns(uint32_t code) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_unicode);
  locale_t before = unicode ? uselocale(unicode) : (locale_t)0;
  int columns = wcwidth((wchar_t)code);
  if (before) uselocale(before);
  return columns < 0 ? 1 : columns;
}
