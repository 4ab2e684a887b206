// The check behind CJSON.h: whether the rest of a document is in order. What services send most, rows of members that are
// plainly written, it passes in a third of the instructions of their tokens; anything else is left to the scanner.
#include "grammar.h"

// The length of the UTF-8 sequence at p (RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF), or 0.
static int utf8_length(const unsigned char *p, const unsigned char *end) {
  unsigned char a = p[0];
  long left = (long)(end - p);
  if (a < 0x80) return 1;
  if (a < 0xC2) return 0;
  if (a < 0xE0) return left > 1 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
  if (a < 0xF0) {
    if (left < 3 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80) return 0;
    if (a == 0xE0 && p[1] < 0xA0) return 0;
    if (a == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (a < 0xF5) {
    if (left < 4 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 || (p[3] & 0xC0) != 0x80) return 0;
    if (a == 0xF0 && p[1] < 0x90) return 0;
    if (a == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

const char *cjson_skip_long(const char *p, const char *end) {
  do {
    do {
      int n = utf8_length((const unsigned char *)p, (const unsigned char *)end);
      if (n == 0) return p;
      p += n;
    } while (p < end && (unsigned char)*p >= 0x80);
    p = skip_plain(p, end);
  } while (p < end && (unsigned char)*p >= 0x80);
  return p;
}

// Past a number as timestamps are written, 1663835400.25 or, by AWS, 1.66383540025E9, or at p when it is another; too short
// to be out of range.
static inline const char *skip_plain_number(const char *p, const char *end) {
  const char *from = p, *last = end - p > 32 ? p + 32 : end;
  if (p == last || *p < '1' || *p > '9') return from;
  while (is_digit(p, last)) p++;
  if (p < last && *p == '.') {
    const char *fraction = ++p;
    while (is_digit(p, last)) p++;
    if (p == fraction) return from;
  }
  if (p < last && *p == 'E') {
    const char *exponent = ++p;
    while (is_digit(p, last)) p++;
    if (p == exponent || p > exponent + 2) return from;
  }
  return p < last && (*p == ',' || *p == '}') ? p : from;
}

// A name of a member as it stood at its place in the object before, with the quote and the colon behind it. Rows have the
// same names: to compare two words instead of looking for a quote saves a tenth of the check.
struct name {
  uint64_t text[2], mask[2];  // of as many bytes as it has
  size_t length;
};
enum { NAMES = 16 };

static inline bool is_name(const struct name *name, const char *p) {
  uint64_t words[2];
  memcpy(words, p, sizeof words);
  return (((words[0] ^ name->text[0]) & name->mask[0]) | ((words[1] ^ name->text[1]) & name->mask[1])) == 0;
}

static void note_name(struct name *name, const char *p, size_t length) {
  memset(name->mask, 0, sizeof name->mask);
  memset(name->mask, 0xFF, length);
  memcpy(name->text, p, sizeof name->text);
  name->length = length;
}

// Passes the members of an object that are plainly written, "name":"text" or "name":12.5, and in a list of objects those of
// the next ones too. The scanner is in an object, where a member or its end is expected.
static void skip_plain_members(cjson_scanner *s) {
  const char *p = s->cursor, *end = s->end;
  bool in_list = s->depth > 1 && !is_object(s, s->depth - 2);
  struct name names[NAMES];
  int place = 0, known = 0;  // of the member, and how many names there are
  for (bool first = s->state == FIRST_KEY;; first = false, place++) {
    if (end - p < 20) return;  // so that what is looked at before the value is there
    if (!first) {
      if (*p == ',') {
        p++;
      } else if (in_list && p[0] == '}' && p[1] == ',' && p[2] == '{') {
        p += 3;
        place = 0;
      } else {
        return;
      }
    }
    if (*p++ != '"') return;
    const char *value, *after;
    if (place < known && is_name(&names[place], p)) {
      value = p + names[place].length;
    } else {
      const char *name = skip_text(p, end);
      if (end - name < 3 || name[0] != '"' || name[1] != ':') return;
      value = name + 2;
      size_t length = (size_t)(value - p);
      if (place <= known && place < NAMES && length <= 16) {
        note_name(&names[place], p, length);
        if (place == known) known++;
      }
    }
    if (value == end) return;
    if (*value == '"') {
      after = skip_text(value + 1, end);
      if (after == end || *after++ != '"') return;
    } else if ((after = skip_plain_number(value, end)) == value) {
      return;
    }
    s->cursor = p = after;
    s->state = AFTER_VALUE;
  }
}

cjson_kind cjson_finish(cjson_scanner *s) {
  for (;;) {
    if (in_object(s) && (s->state == FIRST_KEY || s->state == AFTER_VALUE)) skip_plain_members(s);
    cjson_kind kind = cjson_next(s);
    if (kind == CJSON_END || kind == CJSON_ERROR) return kind;
  }
}
