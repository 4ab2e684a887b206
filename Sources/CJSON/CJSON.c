// The scanner behind CJSON.h: one state machine over the grammar of RFC 8259, no recursion, no allocation.
#include "CJSON.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE, FIRST_VALUE, FIRST_KEY, KEY, AFTER_VALUE, FINISHED, FAILED };

cjson_scanner cjson_begin(const char *bytes, size_t length) {
  return (cjson_scanner){.start = bytes, .cursor = bytes, .end = bytes + length, .state = VALUE};
}

static cjson_kind fail(cjson_scanner *s, const char *at, const char *problem) {
  s->cursor = at;
  s->problem = problem;
  s->state = FAILED;
  return CJSON_ERROR;
}

static bool in_object(const cjson_scanner *s) {
  int level = s->depth - 1;
  return level >= 0 && (s->objects[level / 64] >> (level % 64) & 1);
}

static cjson_kind open_level(cjson_scanner *s, bool object) {
  if (s->depth == CJSON_DEPTH) return fail(s, s->cursor - 1, "nested too deeply");
  int level = s->depth++;
  uint64_t bit = (uint64_t)1 << (level % 64);
  if (object) s->objects[level / 64] |= bit; else s->objects[level / 64] &= ~bit;
  s->state = object ? FIRST_KEY : FIRST_VALUE;
  return object ? CJSON_OBJECT_BEGIN : CJSON_ARRAY_BEGIN;
}

static cjson_kind close_level(cjson_scanner *s, bool object) {
  s->depth--;
  s->state = AFTER_VALUE;
  return object ? CJSON_OBJECT_END : CJSON_ARRAY_END;
}

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

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of the four digits at p, or -1.
static int hex4(const char *p, const char *end) {
  if (end - p < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// True when one of the eight bytes ends the plain run of a string: a quote, a backslash, a control character or
// a byte of a longer UTF-8 sequence. The usual test for a byte in a word, on eight bytes at a time.
static bool interesting(uint64_t word) {
  const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
  uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
  uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | (word - ones * 0x20) | word;
  return (hit & highs) != 0;
}

// Scans a string whose opening quote has been passed; leaves text, length and escaped.
static bool scan_string(cjson_scanner *s) {
  const char *p = s->cursor, *end = s->end;
  s->text = p;
  s->escaped = false;
  for (;;) {
    uint64_t word;
    while (end - p >= 8 && (memcpy(&word, p, 8), !interesting(word))) p += 8;
    if (p == end) { fail(s, p, "unfinished string"); return false; }
    unsigned char c = (unsigned char)*p;
    if (c == '"') {
      s->length = (size_t)(p - s->text);
      s->cursor = p + 1;
      return true;
    }
    if (c < 0x20) { fail(s, p, "control character in a string"); return false; }
    if (c == '\\') {
      s->escaped = true;
      if (end - p < 2) { fail(s, p, "unfinished string"); return false; }
      if (p[1] == 'u') {
        int unit = hex4(p + 2, end);
        if (unit < 0) { fail(s, p, "bad \\u escape"); return false; }
        p += 6;
        if (unit >= 0xDC00 && unit <= 0xDFFF) { fail(s, p - 6, "lone surrogate"); return false; }
        if (unit >= 0xD800 && unit <= 0xDBFF) {
          int low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
          if (low < 0xDC00 || low > 0xDFFF) { fail(s, p - 6, "lone surrogate"); return false; }
          p += 6;
        }
      } else if (strchr("\"\\/bfnrt", p[1]) && p[1]) {
        p += 2;
      } else {
        fail(s, p, "bad escape");
        return false;
      }
      continue;
    }
    int n = utf8_length((const unsigned char *)p, (const unsigned char *)end);
    if (n == 0) { fail(s, p, "invalid UTF-8"); return false; }
    p += n;
  }
}

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

// The token as a double. strtod needs a terminated copy; the locale's LC_NUMERIC stays "C" in this program.
static cjson_kind floating(cjson_scanner *s, const char *from, const char *to) {
  char small[64], *copy = small;
  size_t length = (size_t)(to - from);
  if (length >= sizeof small && !(copy = malloc(length + 1))) return fail(s, from, "out of memory");
  memcpy(copy, from, length);
  copy[length] = 0;
  s->number = strtod(copy, NULL);
  if (copy != small) free(copy);
  if (isinf(s->number)) return fail(s, from, "number out of range");
  s->cursor = to;
  s->state = AFTER_VALUE;
  return CJSON_NUMBER;
}

static cjson_kind scan_number(cjson_scanner *s) {
  const char *from = s->cursor, *p = from, *end = s->end;
  bool negative = *p == '-';
  if (negative) p++;
  if (!is_digit(p, end)) return fail(s, from, "bad number");
  const char *digits = p;
  uint64_t magnitude = 0;
  bool fits = true;
  while (is_digit(p, end)) {
    uint64_t digit = (uint64_t)(*p++ - '0');
    if (magnitude > (UINT64_MAX - digit) / 10) fits = false; else magnitude = magnitude * 10 + digit;
  }
  if (p - digits > 1 && *digits == '0') return fail(s, from, "leading zero");
  bool whole = true;
  if (p < end && *p == '.') {
    whole = false;
    if (!is_digit(++p, end)) return fail(s, from, "bad number");
    while (is_digit(p, end)) p++;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    whole = false;
    p++;
    if (p < end && (*p == '+' || *p == '-')) p++;
    if (!is_digit(p, end)) return fail(s, from, "bad number");
    while (is_digit(p, end)) p++;
  }
  uint64_t largest = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
  if (!whole || !fits || magnitude > largest) return floating(s, from, p);
  s->integer = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  s->cursor = p;
  s->state = AFTER_VALUE;
  return CJSON_INTEGER;
}

static cjson_kind literal(cjson_scanner *s, const char *word, size_t length, cjson_kind kind) {
  if ((size_t)(s->end - s->cursor) < length || memcmp(s->cursor, word, length) != 0)
    return fail(s, s->cursor, "unexpected character");
  s->cursor += length;
  s->state = AFTER_VALUE;
  return kind;
}

static cjson_kind scan_value(cjson_scanner *s) {
  switch (*s->cursor) {
    case '{': s->cursor++; return open_level(s, true);
    case '[': s->cursor++; return open_level(s, false);
    case '"':
      s->cursor++;
      if (!scan_string(s)) return CJSON_ERROR;
      s->state = AFTER_VALUE;
      return CJSON_STRING;
    case 't': return literal(s, "true", 4, CJSON_TRUE);
    case 'f': return literal(s, "false", 5, CJSON_FALSE);
    case 'n': return literal(s, "null", 4, CJSON_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      return scan_number(s);
    default: return fail(s, s->cursor, "unexpected character");
  }
}

static void skip_space(cjson_scanner *s) {
  const char *p = s->cursor;
  while (p < s->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) p++;
  s->cursor = p;
}

static cjson_kind scan_key(cjson_scanner *s) {
  if (*s->cursor != '"') return fail(s, s->cursor, "expected a member name");
  s->cursor++;
  if (!scan_string(s)) return CJSON_ERROR;
  const char *text = s->text;
  skip_space(s);
  if (s->cursor == s->end || *s->cursor != ':') return fail(s, s->cursor, "expected ':'");
  s->cursor++;
  s->text = text;
  s->state = VALUE;
  return CJSON_KEY;
}

cjson_kind cjson_next(cjson_scanner *s) {
  if (s->state == FAILED) return CJSON_ERROR;
  if (s->state == FINISHED) return CJSON_END;
  skip_space(s);
  if (s->state == AFTER_VALUE) {
    if (s->depth == 0) {
      if (s->cursor != s->end) return fail(s, s->cursor, "text after the document");
      s->state = FINISHED;
      return CJSON_END;
    }
    if (s->cursor == s->end) return fail(s, s->cursor, "unfinished document");
    bool object = in_object(s);
    char c = *s->cursor;
    if (c == (object ? '}' : ']')) { s->cursor++; return close_level(s, object); }
    if (c != ',') return fail(s, s->cursor, object ? "expected ',' or '}'" : "expected ',' or ']'");
    s->cursor++;
    s->state = object ? KEY : VALUE;
    skip_space(s);
  }
  if (s->cursor == s->end) return fail(s, s->cursor, "unfinished document");
  switch (s->state) {
    case FIRST_KEY:
      if (*s->cursor == '}') { s->cursor++; return close_level(s, true); }
      return scan_key(s);
    case KEY: return scan_key(s);
    case FIRST_VALUE:
      if (*s->cursor == ']') { s->cursor++; return close_level(s, false); }
      return scan_value(s);
    default: return scan_value(s);
  }
}

static size_t put_utf8(char *out, unsigned code) {
  if (code < 0x80) { out[0] = (char)code; return 1; }
  if (code < 0x800) {
    out[0] = (char)(0xC0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 0x3F));
  out[2] = (char)(0x80 | (code >> 6 & 0x3F));
  out[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}

size_t cjson_unescape(const char *text, size_t length, char *out) {
  const char *p = text, *end = text + length;
  char *to = out;
  while (p < end) {
    if (*p != '\\') { *to++ = *p++; continue; }
    char kind = p[1];
    p += 2;
    switch (kind) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': {
        unsigned code = (unsigned)hex4(p, end);
        p += 4;
        if (code >= 0xD800 && code <= 0xDBFF) {
          code = 0x10000 + ((code - 0xD800) << 10) + ((unsigned)hex4(p + 2, end) - 0xDC00);
          p += 6;
        }
        to += put_utf8(to, code);
        break;
      }
      default: *to++ = kind;
    }
  }
  return (size_t)(to - out);
}
