// What the scanner and the check share: the states of a document, and the runs of bytes that both pass.
#ifndef CJSON_GRAMMAR_H
#define CJSON_GRAMMAR_H
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "CJSON.h"

enum { VALUE, FIRST_VALUE, FIRST_KEY, KEY, AFTER_VALUE, FINISHED, FAILED };

// Whether a level, counted from 0, is an object's.
static inline bool is_object(const cjson_scanner *s, int level) {
  return level >= 0 && (s->objects[level / 64] >> (level % 64) & 1);
}

static inline bool in_object(const cjson_scanner *s) { return is_object(s, s->depth - 1); }

static inline bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

// Past the text of a string at p, where a longer sequence of UTF-8 begins, as skip_text goes.
const char *cjson_skip_long(const char *p, const char *end);

// Past the plain run of a string at p: up to a quote, a backslash, a control character or a byte of a longer UTF-8
// sequence, or to the end. Sixteen bytes at a time where the processor family always can (27 % of a check of rows against
// eight at a time), else eight in a word.
static inline const char *skip_plain(const char *p, const char *end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
  for (const char *last = end - p < 16 ? p - 1 : end - 16; p <= last; p += 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)p);
    // As signed numbers, control characters and the bytes of longer sequences are both below a space.
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash));
    int hits = _mm_movemask_epi8(_mm_or_si128(hit, _mm_cmplt_epi8(block, space)));
    if (hits) return p + __builtin_ctz((unsigned)hits);
  }
#else
  // The usual test for a byte in a word. Borrows make it see too much only above a byte that counts.
  const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
  for (uint64_t word; end - p >= 8; p += 8) {
    memcpy(&word, p, 8);
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | (word - ones * 0x20) | word;
    if (hit & highs) break;
  }
#endif
  while (p < end && *p >= ' ' && *p != '"' && *p != '\\' && (unsigned char)*p < 0x80) p++;
  return p;
}

// Past the text of a string at p that is known to be in order: up to a quote or a backslash, or to the end.
static inline __attribute__((always_inline)) const char *skip_to_quote(const char *p, const char *end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
  for (const char *last = end - p < 16 ? p - 1 : end - 16; p <= last; p += 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)p);
    int hits = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash)));
    if (hits) return p + __builtin_ctz((unsigned)hits);
  }
#endif
  while (p < end && *p != '"' && *p != '\\') p++;
  return p;
}

// Past the text of a string at p: up to a quote, a backslash, or a byte that may not be there, or to the end.
static inline const char *skip_text(const char *p, const char *end) {
  p = skip_plain(p, end);
  return p == end || (unsigned char)*p < 0x80 ? p : cjson_skip_long(p, end);
}
#endif
