// Lua's patterns: compiled to items, matched with a stack of choices of our own. Knows bytes only, nothing of Lua's
// state, so nothing in here can raise.
#ifndef CLUAVM_PATTERN_H
#define CLUAVM_PATTERN_H
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_CAPTURES = 32 };

// What stopped a match that neither succeeded nor failed.
typedef enum pattern_problem {
  PATTERN_FINE,
  PATTERN_UNWINDING,      // `unwinding` was set meanwhile
  PATTERN_TOO_COMPLEX,    // more choices open at once than there is room for
  PATTERN_ENDS_IN_ESCAPE,
  PATTERN_OPEN_SET,
  PATTERN_BALANCE,
  PATTERN_FRONTIER,
  PATTERN_CAPTURES,       // too many
  PATTERN_CLOSE,          // a ) without its (
  PATTERN_BACK,           // %N of a capture that is not there; `detail` is N
} pattern_problem;

// What one item of a pattern matches, how often, and its operands.
struct item {
  uint8_t kind;
  bool lazy, endless;  // `-`; `*`, `+` and `-`
  uint8_t least;       // 0 or 1
  uint8_t a, b;        // a byte, the two of %b, the number of %N
  uint32_t classes;    // a mask of <ctype.h>, the number of a set, or a problem
};

struct set {
  uint32_t bytes[8];
  uint16_t classes, not_class;  // any of these; anything but this, 0 for none
  bool complement;
};

struct pattern {
  struct item *items;
  struct set *sets;
};

// Bytes that the items and sets of a pattern may take.
size_t pattern_size(const char *text, size_t length);
// Compiles into `room`, aligned as for a pointer. A pattern that is malformed from some place on compiles all the same:
// the problem shows when a match gets there, as in Lua.
struct pattern pattern_compile(const char *text, size_t length, void *room);

struct capture {
  const char *start;
  ptrdiff_t length;  // or one of these
};
enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

struct match {
  const char *begin, *end;
  const volatile sig_atomic_t *unwinding;  // looked at whenever a match goes back
  pattern_problem problem;
  int detail;
  int level;  // captures so far
  struct capture captures[MOST_CAPTURES];
};

// Looks for the first match at `*from` or, unless anchored, after it that does not end at `last`. Its start is left in
// `*from`; returns its end, or null for none, or for a problem.
const char *pattern_search(struct match *m, const struct pattern *p, const char **from, const char *last, bool anchored);
#endif
