// Kept texts: the strings of a document's texts that may come again. Hosts and hypervisors do in most rows of a page, and to
// find such a text costs a third of what Lua needs to hash it.
#ifndef CLUAVM_KEPT_H
#define CLUAVM_KEPT_H
#include "internal.h"

enum {
  KEPT = 64,         // texts; place_of knows that
  KEPT_FROM = 2048,  // bytes of a document that is worth it
  KEPT_SHORTEST = 8,
};

struct kept_texts {
  int count;  // KEPT, or 0 where none are kept
  struct {
    const char *text;  // in the document
    size_t length;
  } texts[KEPT];
};

void begin_keeping(struct kept_texts *kept);

static inline bool may_be_kept(const struct kept_texts *kept, size_t length) {
  return kept->count && length >= KEPT_SHORTEST;
}

// Host section. Pushes the string of a text that may be kept, and tells whether it has come before. The strings that are kept
// stand on the stack from `base` on, as many as `count`.
bool push_kept_text(lua_State *L, struct kept_texts *kept, int base, const char *text, size_t length);
#endif
