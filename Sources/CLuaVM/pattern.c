// The matcher. Stock Lua's recurses in C for each choice that stays open, and looks at no hook: one pattern of 40
// characters takes for ever, and an iterator used after an error overflows the C stack (in every release up to 5.4.8).
// Here a pattern is first compiled; what may be tried instead is on a stack of fixed size; and each time a match goes
// back to it, a flag is looked at that an interruption sets.
#include "pattern.h"

#include <ctype.h>
#include <string.h>

// Choices that are open at once, as many as stock Lua allows.
enum { DEPTH = 200 };

enum kind {
  BYTE, ANY, CLASS, NOT_CLASS, SET,  // one byte each; these may repeat
  OPEN, POSITION, CLOSE, BALANCE, FRONTIER, BACK, END, MATCHED, MALFORMED,
};

// MARK: Compiling

// The class that a letter after % names, or 0.
static uint16_t class_of(char letter) {
  switch (tolower((unsigned char)letter)) {
    case 'a': return _ISalpha;
    case 'c': return _IScntrl;
    case 'd': return _ISdigit;
    case 'g': return _ISgraph;
    case 'l': return _ISlower;
    case 'p': return _ISpunct;
    case 's': return _ISspace;
    case 'u': return _ISupper;
    case 'w': return _ISalnum;
    case 'x': return _ISxdigit;
    default: return 0;
  }
}

static void add_byte(struct set *set, unsigned byte) { set->bytes[byte >> 5] |= 1u << (byte & 31); }

// What %x stands for inside a set. %z, deprecated, is the byte 0.
static void add_escaped(struct set *set, unsigned char letter) {
  uint16_t class = class_of((char)letter);
  bool negated = isupper(letter);
  if (tolower(letter) == 'z') {
    for (unsigned byte = 0; byte < 256; byte++)
      if ((byte == 0) != negated) add_byte(set, byte);
  } else if (!class) {
    add_byte(set, letter);
  } else if (!negated) {
    set->classes |= class;
  } else if (!set->not_class) {
    set->not_class = class;
  } else {
    for (unsigned byte = 0; byte < 256; byte++)
      if (!__isctype(byte, class)) add_byte(set, byte);
  }
}

// Where the set that begins at `p`, behind its [, ends: at its ]. The first byte never ends it. Null for an open one.
static const char *set_end(const char *p, const char *end) {
  if (p < end && *p == '^') p++;
  do {
    if (p >= end) return NULL;
    if (*p++ == '%') p++;
  } while (p < end && *p != ']');
  return p < end ? p : NULL;
}

static void read_set(struct set *set, const char *p, const char *end) {
  *set = (struct set){0};
  if (*p == '^') {
    set->complement = true;
    p++;
  }
  for (; p < end; p++) {
    if (*p == '%') {
      add_escaped(set, (unsigned char)*++p);
    } else if (end - p > 2 && p[1] == '-') {
      for (unsigned byte = (unsigned char)p[0]; byte <= (unsigned char)p[2]; byte++) add_byte(set, byte);
      p += 2;
    } else {
      add_byte(set, (unsigned char)*p);
    }
  }
}

size_t pattern_size(const char *text, size_t length) {
  size_t sets = 0;
  for (size_t i = 0; i < length; i++) sets += text[i] == '[' || (text[i] == '%' && i + 1 < length && (text[i + 1] | 32) == 'z');
  return (length + 1) * sizeof(struct item) + sets * sizeof(struct set);
}

struct compiler {
  const char *p, *end;
  struct item *item;
  struct set *set;
  const struct set *first_set;
};

static struct item malformed(pattern_problem problem) { return (struct item){.kind = MALFORMED, .classes = problem}; }

// The [ is behind `p`.
static struct item compile_set(struct compiler *c, uint8_t kind) {
  const char *end = set_end(c->p, c->end);
  if (!end) return malformed(PATTERN_OPEN_SET);
  read_set(c->set, c->p, end);
  c->p = end + 1;
  return (struct item){.kind = kind, .least = 1, .classes = (uint32_t)(c->set++ - c->first_set)};
}

// The % is behind `p`.
static struct item compile_escape(struct compiler *c) {
  if (c->p == c->end) return malformed(PATTERN_ENDS_IN_ESCAPE);
  char letter = *c->p++;
  if (letter == 'b') {
    if (c->end - c->p < 2) return malformed(PATTERN_BALANCE);
    c->p += 2;
    return (struct item){.kind = BALANCE, .a = (uint8_t)c->p[-2], .b = (uint8_t)c->p[-1]};
  }
  if (letter == 'f') {
    if (c->p == c->end || *c->p++ != '[') return malformed(PATTERN_FRONTIER);
    return compile_set(c, FRONTIER);
  }
  if (isdigit((unsigned char)letter)) return (struct item){.kind = BACK, .a = (uint8_t)(letter - '0')};
  if ((letter | 32) == 'z') {
    *c->set = (struct set){0};
    add_escaped(c->set, (unsigned char)letter);
    return (struct item){.kind = SET, .least = 1, .classes = (uint32_t)(c->set++ - c->first_set)};
  }
  uint16_t class = class_of(letter);
  if (!class) return (struct item){.kind = BYTE, .least = 1, .a = (uint8_t)letter};
  return (struct item){.kind = isupper((unsigned char)letter) ? NOT_CLASS : CLASS, .least = 1, .classes = class};
}

static struct item compile_item(struct compiler *c) {
  char byte = *c->p++;
  switch (byte) {
    case '(':
      if (c->p == c->end || *c->p != ')') return (struct item){.kind = OPEN};
      c->p++;
      return (struct item){.kind = POSITION};
    case ')': return (struct item){.kind = CLOSE};
    case '$':
      if (c->p == c->end) return (struct item){.kind = END};
      break;
    case '.': return (struct item){.kind = ANY, .least = 1};
    case '[': return compile_set(c, SET);
    case '%': return compile_escape(c);
    default: break;
  }
  return (struct item){.kind = BYTE, .least = 1, .a = (uint8_t)byte};
}

static void compile_repetition(struct compiler *c, struct item *item) {
  if (item->kind > SET || c->p == c->end) return;
  switch (*c->p) {
    case '?': item->least = 0; break;
    case '*': item->least = 0; item->endless = true; break;
    case '+': item->endless = true; break;
    case '-': item->least = 0; item->endless = item->lazy = true; break;
    default: return;
  }
  c->p++;
}

struct pattern pattern_compile(const char *text, size_t length, void *room) {
  struct compiler c = {.p = text, .end = text + length, .item = room};
  struct pattern pattern = {.items = room, .sets = (struct set *)((struct item *)room + length + 1)};
  c.first_set = c.set = pattern.sets;
  while (c.p < c.end) {
    *c.item = compile_item(&c);
    compile_repetition(&c, c.item);
    // Nothing is reached behind this one.
    if (c.item++->kind == MALFORMED) return pattern;
  }
  *c.item = (struct item){.kind = MATCHED};
  return pattern;
}

// MARK: Matching

static inline bool in_set(const struct set *set, unsigned char byte) {
  bool found = (set->bytes[byte >> 5] >> (byte & 31) & 1) || __isctype(byte, set->classes) ||
               (set->not_class && !__isctype(byte, set->not_class));
  return found != set->complement;
}

static inline bool is_one(const struct pattern *p, const struct item *item, unsigned char byte) {
  switch (item->kind) {
    case BYTE: return byte == item->a;
    case ANY: return true;
    case CLASS: return __isctype(byte, item->classes);
    case NOT_CLASS: return !__isctype(byte, item->classes);
    default: return in_set(&p->sets[item->classes], byte);
  }
}

// The end of the longest run of an item from s on.
static const char *run_end(const struct match *m, const struct pattern *p, const struct item *item, const char *s) {
  const unsigned short *classes = *__ctype_b_loc();
  const char *end = m->end;
  switch (item->kind) {
    case BYTE:
      while (s < end && (uint8_t)*s == item->a) s++;
      return s;
    case ANY: return end;
    case CLASS:
      while (s < end && classes[(unsigned char)*s] & item->classes) s++;
      return s;
    case NOT_CLASS:
      while (s < end && !(classes[(unsigned char)*s] & item->classes)) s++;
      return s;
    default: {
      const struct set *set = &p->sets[item->classes];
      while (s < end && in_set(set, (unsigned char)*s)) s++;
      return s;
    }
  }
}

// The end of a text in which `open` and `close` balance, or null.
static const char *balanced(const struct match *m, const char *s, char open, char close) {
  if (s == m->end || *s != open) return NULL;
  for (size_t depth = 1; ++s < m->end;) {
    if (*s == close) {
      if (--depth == 0) return s + 1;
    } else if (*s == open) {
      depth++;
    }
  }
  return NULL;
}

// Where a match that failed may go on.
struct choice {
  enum { SHORTER, LONGER, UNDO_OPEN, UNDO_CLOSE } how;
  int capture;
  const struct item *item;
  const char *at, *least;
};

// The innermost capture that is open, or -1.
static int innermost_open(const struct match *m) {
  int i = m->level - 1;
  while (i >= 0 && m->captures[i].length != CAPTURE_OPEN) i--;
  return i;
}

// The end of a match that begins at s, or null. Not inlined: its stack must be gone while a callback runs.
__attribute__((noinline)) static const char *match_at(struct match *m, const struct pattern *p, const char *s) {
  struct choice choices[DEPTH];
  int open = 0;
  const struct item *item = p->items;
  m->level = 0;
  for (;;) {
    switch ((enum kind)item->kind) {
      case BYTE: case ANY: case CLASS: case NOT_CLASS: case SET: {
        if (!item->endless && item->least) {
          if (s == m->end || !is_one(p, item, (unsigned char)*s)) goto failed;
          s++;
          break;
        }
        struct choice choice = {.how = item->lazy ? LONGER : SHORTER, .item = item, .least = s + item->least};
        if (item->lazy) choice.at = s;
        else if (item->endless) choice.at = s = run_end(m, p, item, s);
        else choice.at = s = s < m->end && is_one(p, item, (unsigned char)*s) ? s + 1 : s;
        if (s < choice.least && !item->lazy) goto failed;
        if (!item->lazy && s == choice.least) break;
        if (open == DEPTH) goto too_complex;
        choices[open++] = choice;
        break;
      }
      case OPEN: case POSITION:
        if (m->level == MOST_CAPTURES) {
          m->problem = PATTERN_CAPTURES;
          return NULL;
        }
        if (open == DEPTH) goto too_complex;
        m->captures[m->level++] =
            (struct capture){.start = s, .length = item->kind == OPEN ? CAPTURE_OPEN : CAPTURE_POSITION};
        choices[open++] = (struct choice){.how = UNDO_OPEN};
        break;
      case CLOSE: {
        int capture = innermost_open(m);
        if (capture < 0) {
          m->problem = PATTERN_CLOSE;
          return NULL;
        }
        if (open == DEPTH) goto too_complex;
        m->captures[capture].length = s - m->captures[capture].start;
        choices[open++] = (struct choice){.how = UNDO_CLOSE, .capture = capture};
        break;
      }
      case BALANCE: {
        const char *after = balanced(m, s, (char)item->a, (char)item->b);
        if (!after) goto failed;
        s = after;
        break;
      }
      case FRONTIER: {
        const struct set *set = &p->sets[item->classes];
        unsigned char before = s == m->begin ? 0 : (unsigned char)s[-1];
        unsigned char here = s == m->end ? 0 : (unsigned char)*s;
        if (in_set(set, before) || !in_set(set, here)) goto failed;
        break;
      }
      case BACK: {
        const struct capture *capture = m->captures + item->a - (item->a > 0);
        if (item->a == 0 || item->a > m->level || capture->length == CAPTURE_OPEN) {
          m->problem = PATTERN_BACK;
          m->detail = item->a;
          return NULL;
        }
        // A captured position is longer than anything, and so matches nothing.
        if ((size_t)(m->end - s) < (size_t)capture->length || memcmp(capture->start, s, (size_t)capture->length) != 0)
          goto failed;
        s += capture->length;
        break;
      }
      case END:
        if (s != m->end) goto failed;
        break;
      case MATCHED: return s;
      case MALFORMED: m->problem = (pattern_problem)item->classes; return NULL;
    }
    item++;
    continue;

  failed:
    if (*m->unwinding) {
      m->problem = PATTERN_UNWINDING;
      return NULL;
    }
    if (open == 0) return NULL;
    struct choice *last = &choices[open - 1];
    switch (last->how) {
      case SHORTER:
        s = --last->at;
        item = last->item + 1;
        if (s == last->least) open--;
        continue;
      case LONGER:
        if (last->at < m->end && is_one(p, last->item, (unsigned char)*last->at)) {
          s = ++last->at;
          item = last->item + 1;
          continue;
        }
        break;
      case UNDO_OPEN: m->level--; break;
      case UNDO_CLOSE: m->captures[last->capture].length = CAPTURE_OPEN; break;
    }
    open--;
    goto failed;
  }

too_complex:
  m->problem = PATTERN_TOO_COMPLEX;
  return NULL;
}

const char *pattern_search(struct match *m, const struct pattern *p, const char **from, const char *last, bool anchored) {
  const struct item *first = p->items;
  bool has_lead = !anchored && first->kind == BYTE && first->least;
  m->problem = PATTERN_FINE;
  for (const char *s = *from; s <= m->end; s++) {
    // A pattern that begins with a byte can only match where that byte is.
    if (has_lead && !(s = memchr(s, first->a, (size_t)(m->end - s)))) return NULL;
    const char *end = match_at(m, p, s);
    if (m->problem) return NULL;
    if (end && end != last) {
      *from = s;
      return end;
    }
    if (anchored) return NULL;
  }
  return NULL;
}
