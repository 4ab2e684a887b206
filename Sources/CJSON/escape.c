// Texts on their way into JSON: escaped where RFC 8259 (section 7) wants it, sixteen bytes at a time where it does not.
#include "CJSON.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Whether a byte stands in a JSON string as it is. DEL may, and would be seen by no one.
static inline bool is_plain(unsigned char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F; }

static inline char *escape(unsigned char c, char *out) {
  static const char digits[] = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"': case '\\': *out++ = (char)c; return out;
    case '\n': *out++ = 'n'; return out;
    case '\r': *out++ = 'r'; return out;
    case '\t': *out++ = 't'; return out;
  }
  memcpy(out, "u00", 3);
  out[3] = digits[c >> 4];
  out[4] = digits[c & 15];
  return out + 5;
}

size_t cjson_escape(const char *text, size_t length, char *out) {
  const char *p = text, *end = text + length;
  char *to = out;
  for (;;) {
#ifdef __SSE2__
    // Sixteen bytes are copied before it is known how many of them are plain: what is not is written over.
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), del = _mm_set1_epi8(0x7F);
    const __m128i control = _mm_set1_epi8(0x1F);
    for (; end - p >= 16; p += 16, to += 16) {
      __m128i block = _mm_loadu_si128((const __m128i *)p);
      _mm_storeu_si128((__m128i *)to, block);
      __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash));
      hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(block, del), _mm_cmpeq_epi8(_mm_min_epu8(block, control), block)));
      if (_mm_movemask_epi8(hit)) break;
    }
#endif
    while (p < end && is_plain((unsigned char)*p)) *to++ = *p++;
    if (p == end) break;
    to = escape((unsigned char)*p++, to);
  }
  return (size_t)(to - out);
}
