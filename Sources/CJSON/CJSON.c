// The scanner behind CJSON.h: one state machine over the grammar of RFC 8259, no recursion, no allocation. But for UTF-8's
// longer sequences it is one file, so that the compiler sees the whole machine and puts its steps into one another.
#include "CJSON.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"

cjson_scanner cjson_begin(const char *bytes, size_t length) {
  return (cjson_scanner){.start = bytes, .cursor = bytes, .end = bytes + length, .state = VALUE};
}

static cjson_kind fail(cjson_scanner *s, const char *at, const char *problem) {
  s->cursor = at;
  s->problem = problem;
  s->state = FAILED;
  return CJSON_ERROR;
}

static inline cjson_kind open_level(cjson_scanner *s, bool object) {
  if (s->depth == CJSON_DEPTH) return fail(s, s->cursor - 1, "nested too deeply");
  int level = s->depth++;
  uint64_t bit = (uint64_t)1 << (level % 64);
  if (object) s->objects[level / 64] |= bit; else s->objects[level / 64] &= ~bit;
  s->state = object ? FIRST_KEY : FIRST_VALUE;
  return object ? CJSON_OBJECT_BEGIN : CJSON_ARRAY_BEGIN;
}

static inline cjson_kind close_level(cjson_scanner *s, bool object) {
  s->depth--;
  s->state = AFTER_VALUE;
  return object ? CJSON_OBJECT_END : CJSON_ARRAY_END;
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

// What is seldom wanted has functions of its own, and the steps of every token save no registers for it.

// The rest of a string from the first byte at p that is not plain.
static __attribute__((noinline)) bool scan_rest(cjson_scanner *s, const char *p) {
  const char *end = s->end;
  for (;; p = skip_text(p, end)) {
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
    fail(s, p, "invalid UTF-8");
    return false;
  }
}

// Scans a string whose opening quote has been passed; leaves text, length and escaped.
static inline bool scan_string(cjson_scanner *s) {
  s->text = s->cursor;
  s->escaped = false;
  const char *p = skip_text(s->cursor, s->end);
  if (p == s->end || *p != '"') return scan_rest(s, p);
  s->length = (size_t)(p - s->text);
  s->cursor = p + 1;
  return true;
}

// Both a whole number of up to 53 bits and these powers of ten are doubles exactly, so that one multiplication or
// division of theirs is rounded right (Clinger, "How to read floating point numbers accurately", 1990). Every timestamp
// is such a number; strtod took a tenth of a listing.
enum { TENS = 22, FAR = 100000 };
static const uint64_t EXACT = (uint64_t)1 << 53;
static const double tens[TENS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// The token as a double, whatever it is. strtod needs a terminated copy; the locale's LC_NUMERIC stays "C" in this program.
static __attribute__((noinline)) cjson_kind floating(cjson_scanner *s, const char *from, const char *to) {
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

// Puts the digits at p behind the number, which holds 19 of them for certain, and returns where they end.
static inline const char *add_digits(const char *p, const char *end, uint64_t *number) {
  uint64_t sum = *number;
  for (unsigned digit; p < end && (digit = (unsigned char)*p - (unsigned)'0') < 10; p++) sum = sum * 10 + digit;
  *number = sum;
  return p;
}

static __attribute__((noinline)) cjson_kind scan_number(cjson_scanner *s) {
  const char *from = s->cursor, *p = from, *end = s->end;
  bool negative = *p == '-';
  if (negative) p++;
  if (!is_digit(p, end)) return fail(s, from, "bad number");
  const char *digits = p;
  uint64_t magnitude = 0;
  p = add_digits(p, end, &magnitude);
  bool fits = p - digits <= 19;
  if (p - digits > 1 && *digits == '0') return fail(s, from, "leading zero");
  bool whole = true;
  int scale = 0;  // the number is magnitude × 10^scale, as long as it fits
  if (p < end && *p == '.') {
    whole = false;
    const char *fraction = ++p;
    if (!is_digit(p, end)) return fail(s, from, "bad number");
    p = add_digits(p, end, &magnitude);
    fits = p - digits <= 20;  // with the point
    scale = p - fraction < FAR ? -(int)(p - fraction) : -FAR;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    whole = false;
    p++;
    bool down = p < end && *p == '-';
    if (p < end && (*p == '+' || *p == '-')) p++;
    if (!is_digit(p, end)) return fail(s, from, "bad number");
    int exponent = 0;
    while (is_digit(p, end)) {
      if (exponent < FAR) exponent = exponent * 10 + (*p - '0');
      p++;
    }
    scale += down ? -exponent : exponent;
  }
  uint64_t largest = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
  if (whole && fits && magnitude <= largest) {
    s->integer = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    s->cursor = p;
    s->state = AFTER_VALUE;
    return CJSON_INTEGER;
  }
  if (!fits || magnitude > EXACT || scale < -TENS || scale > TENS) return floating(s, from, p);
  double number = scale < 0 ? (double)magnitude / tens[-scale] : (double)magnitude * tens[scale];
  s->number = negative ? -number : number;
  s->cursor = p;
  s->state = AFTER_VALUE;
  return CJSON_NUMBER;
}

static cjson_kind literal(cjson_scanner *s, const char *word, size_t length, cjson_kind kind) {
  if ((size_t)(s->end - s->cursor) < length || memcmp(s->cursor, word, length) != 0)
    return fail(s, s->cursor, "unexpected character");
  s->cursor += length;
  s->state = AFTER_VALUE;
  return kind;
}

static inline cjson_kind scan_value(cjson_scanner *s) {
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

static inline void skip_space(cjson_scanner *s) {
  const char *p = s->cursor;
  if (p < s->end && *p > ' ') return;  // as nearly always: services send no white space
  while (p < s->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) p++;
  s->cursor = p;
}

static inline cjson_kind scan_key(cjson_scanner *s) {
  if (*s->cursor != '"') return fail(s, s->cursor, "expected a member name");
  s->cursor++;
  if (!scan_string(s)) return CJSON_ERROR;
  skip_space(s);
  if (s->cursor == s->end || *s->cursor != ':') return fail(s, s->cursor, "expected ':'");
  s->cursor++;
  s->state = VALUE;
  return CJSON_KEY;
}

static inline cjson_kind next(cjson_scanner *s) {
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

cjson_kind cjson_next(cjson_scanner *s) { return next(s); }

// Whether so many bytes are the same, four or more; by words and without a call.
static inline bool is_same(const char *a, const char *b, size_t length) {
  if (length < 8) {
    uint32_t x[2], y[2];
    memcpy(x, a, 4), memcpy(x + 1, a + length - 4, 4);
    memcpy(y, b, 4), memcpy(y + 1, b + length - 4, 4);
    return x[0] == y[0] && x[1] == y[1];
  }
  uint64_t x, y;
  for (size_t i = 0; i + 8 < length; i += 8) {
    memcpy(&x, a + i, 8), memcpy(&y, b + i, 8);
    if (x != y) return false;
  }
  memcpy(&x, a + length - 8, 8), memcpy(&y, b + length - 8, 8);
  return x == y;
}

// Nothing in it but the last step is a call, so that it saves no registers.
cjson_kind cjson_member(cjson_scanner *s, const char *head, size_t length) {
  const char *p = s->cursor, *end = s->end;
  if ((size_t)(end - p) < length + 2) return CJSON_END;
  if (s->state == AFTER_VALUE) {
    if (*p++ != ',') return CJSON_END;
  } else if (s->state != FIRST_KEY) {
    return CJSON_END;
  }
  if (!is_same(p, head, length) || p[length] <= ' ') return CJSON_END;
  p += length;
  if (*p == '"' && s->is_checked) {
    const char *text = p + 1, *quote = skip_to_quote(text, end);
    if (quote < end && *quote == '"') {
      s->text = text;
      s->length = (size_t)(quote - text);
      s->escaped = false;
      s->cursor = quote + 1;
      s->state = AFTER_VALUE;
      return CJSON_STRING;
    }
  }
  s->cursor = p;
  return scan_value(s);
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
