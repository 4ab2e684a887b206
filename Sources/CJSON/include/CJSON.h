// CJSON: the project's one JSON scanner (RFC 8259), strict and iterative.
//
// It turns bytes into tokens and keeps no tree: Lua tables (CLuaVM) and `Value` (AWSCore) are built by its two
// callers. Strict means: valid UTF-8 only, no lone surrogate, no raw control character in a string, no leading
// zero, no trailing comma, no second document, no number outside a double. Nesting is bounded and kept in a bit
// set, so no input can overflow the C stack. Duplicate keys are the builders' to refuse: they have the tables.
#ifndef CJSON_H
#define CJSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Deepest nesting accepted. The service's deepest answer has five levels; 128 leaves room for scripts' data.
#define CJSON_DEPTH 128

typedef enum cjson_kind {
  CJSON_ERROR,
  CJSON_END,  // the document is complete and only white space follows
  CJSON_OBJECT_BEGIN,
  CJSON_OBJECT_END,
  CJSON_ARRAY_BEGIN,
  CJSON_ARRAY_END,
  CJSON_KEY,      // text, length: the name of a member, its value follows
  CJSON_STRING,   // text, length
  CJSON_INTEGER,  // integer: written without fraction and exponent, and fits
  CJSON_NUMBER,   // number: every other number
  CJSON_TRUE,
  CJSON_FALSE,
  CJSON_NULL,
} cjson_kind;

typedef struct cjson_scanner {
  const char *_Nonnull start;
  const char *_Nonnull cursor;
  const char *_Nonnull end;
  // The token last returned. `text` points into the document; when `escaped`, pass it through `cjson_unescape`.
  const char *_Nullable text;
  size_t length;
  bool escaped;
  int64_t integer;
  double number;
  // After CJSON_ERROR: a static sentence, and `cursor` stands where it went wrong.
  const char *_Nullable problem;
  // Set by a caller who knows that the document is in order: cjson_member does not look at what strings consist of.
  bool is_checked;
  // Private: what is expected next, and one bit a level (1 = object).
  int state;
  int depth;
  uint64_t objects[CJSON_DEPTH / 64];
} cjson_scanner;

// A scanner at the start of a document of `length` bytes at `bytes`, which must outlive it.
cjson_scanner cjson_begin(const char *_Nonnull bytes, size_t length);

// The next token. After CJSON_ERROR or CJSON_END it returns the same again.
cjson_kind cjson_next(cjson_scanner *_Nonnull scanner);

// In an object, where a member or its end is expected: when what comes next is a member that is written exactly as `head`
// says, its name with the quotes and the colon, then the token of its value. Else CJSON_END, and nothing has been read.
// A head has four bytes or more.
cjson_kind cjson_member(cjson_scanner *_Nonnull scanner, const char *_Nonnull head, size_t length);

// Reads on to the end: CJSON_END when everything that is left is in order, or CJSON_ERROR.
cjson_kind cjson_finish(cjson_scanner *_Nonnull scanner);

// Writes the unescaped form of an escaped token's text, at most `length` bytes, and returns how many.
size_t cjson_unescape(const char *_Nonnull text, size_t length, char *_Nonnull out);

// Writes a text of UTF-8, or a piece of one, as it stands between the quotes of a JSON string, and returns how many bytes
// that took. `out` has room for `cjson_escaped_size` bytes, which are as many as a text of that length may need.
size_t cjson_escape(const char *_Nullable text, size_t length, char *_Nonnull out);
static inline size_t cjson_escaped_size(size_t length) { return 6 * length; }

#endif
