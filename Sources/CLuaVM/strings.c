// The functions of the string library that are ours: those that match patterns, and rep. What they give is what Lua's
// give; what they add is that Ctrl-C ends them, and that no argument makes them overflow a stack or spin.
#include <limits.h>
#include <string.h>

#include "internal.h"

// A pattern of usual length needs no allocation.
enum { ROOM = PATTERN_ROOM };

// The pattern `text`, compiled into `room` if it fits, else into a userdata that it pushes.
static struct pattern body_compile(lua_State *L, const char *text, size_t length, void *room) {
  size_t size = pattern_size(text, length);
  if (size > ROOM) room = lua_newuserdatauv(L, size, 0);
  return pattern_compile(text, length, room);
}

// The same, for a search during which no script runs: short patterns that were compiled lately are kept. What is found
// is told by its text, so one that took a forgotten one's place is no other's.
static struct pattern body_compile_or_find(lua_State *L, const char *text, size_t length, void *room) {
  if (length > PATTERN_KEPT_LENGTH || pattern_size(text, length) > ROOM) return body_compile(L, text, length, room);
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
  struct kept_pattern *kept = &vm_of(L)->patterns[hash % PATTERNS_KEPT];
  if (!kept->is_used || kept->length != length || memcmp(kept->text, text, length) != 0) {
    memcpy(kept->text, text, length);
    kept->length = length;
    kept->pattern = pattern_compile(text, length, kept->room);
    kept->is_used = true;
  }
  return kept->pattern;
}

static struct match begin_match(lua_State *L, const char *subject, size_t length) {
  struct match m;
  m.begin = subject;
  m.end = subject + length;
  m.unwinding = &vm_of(L)->stop;
  return m;
}

// Raises what stopped a search.
static void body_check(lua_State *L, const struct match *m) {
  switch (m->problem) {
    case PATTERN_FINE: return;
    case PATTERN_UNWINDING: body_raise_unwinding(L); return;
    case PATTERN_TOO_COMPLEX: luaL_error(L, "pattern too complex"); return;
    case PATTERN_ENDS_IN_ESCAPE: luaL_error(L, "malformed pattern (ends with '%%')"); return;
    case PATTERN_OPEN_SET: luaL_error(L, "malformed pattern (missing ']')"); return;
    case PATTERN_BALANCE: luaL_error(L, "malformed pattern (missing arguments to '%%b')"); return;
    case PATTERN_FRONTIER: luaL_error(L, "missing '[' after '%%f' in pattern"); return;
    case PATTERN_CAPTURES: luaL_error(L, "too many captures"); return;
    case PATTERN_CLOSE: luaL_error(L, "invalid pattern capture"); return;
    case PATTERN_BACK: luaL_error(L, "invalid capture index %%%d", m->detail); return;
  }
}

// Pushes capture i, counted from 0; without captures, the first is the whole match.
static void body_push_capture(lua_State *L, const struct match *m, int i, const char *start, const char *end) {
  if (i >= m->level) {
    if (i != 0) luaL_error(L, "invalid capture index %%%d", i + 1);
    lua_pushlstring(L, start, (size_t)(end - start));
    return;
  }
  const struct capture *capture = &m->captures[i];
  if (capture->length == CAPTURE_OPEN) luaL_error(L, "unfinished capture");
  if (capture->length == CAPTURE_POSITION) lua_pushinteger(L, capture->start - m->begin + 1);
  else lua_pushlstring(L, capture->start, (size_t)capture->length);
}

// Pushes all captures, or the whole match where there are none and it is given.
static int body_push_captures(lua_State *L, const struct match *m, const char *start, const char *end) {
  int count = m->level == 0 && start ? 1 : m->level;
  luaL_checkstack(L, count, "too many captures");
  for (int i = 0; i < count; i++) body_push_capture(L, m, i, start, end);
  return count;
}

// Where a search begins, from 0: a position counts from 1, or from the end when it is negative.
static size_t body_first(lua_State *L, int argument, size_t length) {
  lua_Integer position = luaL_optinteger(L, argument, 1);
  if (position > 0) return (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return length + (size_t)position;
}

static bool is_plain(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    switch (text[i]) {
      case '^': case '$': case '*': case '+': case '?': case '.': case '(': case '[': case '%': case '-': return false;
      default: break;
    }
  }
  return true;
}

// memmem takes linear time, and some to begin with.
static const char *find_plain(const char *from, size_t left, const char *text, size_t length) {
  if (length == 0) return from;
  if (left > 1024) return memmem(from, left, text, length);
  for (const char *end = from + left; (from = memchr(from, *text, (size_t)(end - from))); from++) {
    if ((size_t)(end - from) < length) return NULL;
    if (memcmp(from, text, length) == 0) return from;
  }
  return NULL;
}

static int body_look(lua_State *L, bool find) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length);
  const char *text = luaL_checklstring(L, 2, &pattern_length);
  size_t first = body_first(L, 3, length);
  if (first > length) {
    luaL_pushfail(L);
    return 1;
  }
  const char *from = subject + first;
  if (find && (lua_toboolean(L, 4) || is_plain(text, pattern_length))) {
    const char *found = find_plain(from, length - first, text, pattern_length);
    if (!found) {
      luaL_pushfail(L);
      return 1;
    }
    lua_pushinteger(L, found - subject + 1);
    lua_pushinteger(L, found - subject + (lua_Integer)pattern_length);
    return 2;
  }
  bool anchored = pattern_length && *text == '^';
  _Alignas(void *) char room[ROOM];
  struct pattern pattern = body_compile_or_find(L, text + anchored, pattern_length - anchored, room);
  struct match m = begin_match(L, subject, length);
  const char *end = pattern_search(&m, &pattern, &from, NULL, anchored);
  body_check(L, &m);
  if (!end) {
    luaL_pushfail(L);
    return 1;
  }
  if (!find) return body_push_captures(L, &m, from, end);
  lua_pushinteger(L, from - subject + 1);
  lua_pushinteger(L, end - subject);
  return 2 + body_push_captures(L, &m, NULL, NULL);
}

static int body_find(lua_State *L) { return body_look(L, true); }
static int body_match(lua_State *L) { return body_look(L, false); }

// An iterator's state; the compiled pattern follows it. Its upvalues: the subject, and this.
struct gmatch {
  struct pattern pattern;
  size_t from;
  ptrdiff_t last;  // where the last match ended, -1 before the first
};

static int body_gmatch_next(lua_State *L) {
  size_t length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
  struct gmatch *state = lua_touserdata(L, lua_upvalueindex(2));
  if (state->from > length) return 0;
  struct match m = begin_match(L, subject, length);
  const char *from = subject + state->from;
  const char *last = state->last < 0 ? NULL : subject + state->last;
  const char *end = pattern_search(&m, &state->pattern, &from, last, false);
  body_check(L, &m);
  if (!end) {
    state->from = length + 1;
    return 0;
  }
  state->from = (size_t)(end - subject);
  state->last = end - subject;
  return body_push_captures(L, &m, from, end);
}

static int body_gmatch(lua_State *L) {
  size_t length, pattern_length;
  luaL_checklstring(L, 1, &length);
  const char *text = luaL_checklstring(L, 2, &pattern_length);
  size_t first = body_first(L, 3, length);
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  struct gmatch *state = lua_newuserdatauv(L, sizeof *state + pattern_size(text, pattern_length), 0);
  state->pattern = pattern_compile(text, pattern_length, state + 1);
  state->from = first > length ? length + 1 : first;
  state->last = -1;
  lua_pushcclosure(L, body_gmatch_next, 2);
  return 1;
}

// Adds the replacement text, %0 to %9 filled in.
static void body_add_text(lua_State *L, luaL_Buffer *buffer, const struct match *m, const char *start, const char *end) {
  size_t length;
  const char *text = lua_tolstring(L, 3, &length), *stop = text + length;
  for (const char *escape; (escape = memchr(text, '%', (size_t)(stop - text))); text = escape + 2) {
    luaL_addlstring(buffer, text, (size_t)(escape - text));
    char letter = escape[1];  // behind a last % stands Lua's own 0
    if (letter == '%') {
      luaL_addchar(buffer, '%');
    } else if (letter == '0') {
      luaL_addlstring(buffer, start, (size_t)(end - start));
    } else if (letter >= '1' && letter <= '9') {
      body_push_capture(L, m, letter - '1', start, end);
      luaL_addvalue(buffer);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
  luaL_addlstring(buffer, text, (size_t)(stop - text));
}

// Adds what stands for a match; false when it stays as it is.
static bool body_add_replacement(lua_State *L, luaL_Buffer *buffer, const struct match *m, const char *start, const char *end) {
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, 3);
      lua_call(L, body_push_captures(L, m, start, end), 1);
      break;
    case LUA_TTABLE:
      body_push_capture(L, m, 0, start, end);
      lua_gettable(L, 3);
      break;
    default: body_add_text(L, buffer, m, start, end); return true;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(buffer, start, (size_t)(end - start));
    return false;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(buffer);
  return true;
}

static int body_gsub(lua_State *L) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length);
  const char *text = luaL_checklstring(L, 2, &pattern_length);
  int type = lua_type(L, 3);
  luaL_argexpected(
      L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
  bool anchored = pattern_length && *text == '^';
  _Alignas(void *) char room[ROOM];
  struct pattern pattern = body_compile(L, text + anchored, pattern_length - anchored, room);
  struct match m = begin_match(L, subject, length);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  const char *rest = subject, *last = NULL;
  lua_Integer count = 0;
  bool changed = false;
  while (count < most) {
    const char *start = rest;
    const char *end = pattern_search(&m, &pattern, &start, last, anchored);
    body_check(L, &m);
    if (!end) break;
    count++;
    luaL_addlstring(&buffer, rest, (size_t)(start - rest));
    changed |= body_add_replacement(L, &buffer, &m, start, end);
    rest = last = end;
    if (anchored) break;
  }
  if (!changed) {
    lua_pushvalue(L, 1);
  } else {
    luaL_addlstring(&buffer, rest, (size_t)(m.end - rest));
    luaL_pushresult(&buffer);
  }
  lua_pushinteger(L, count);
  return 2;
}

// Doubles what it has: Lua's copies one by one, a thousand million times for a thousand million bytes, and for ever
// when there are no bytes.
static int body_rep(lua_State *L) {
  size_t length, separator_length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &separator_length);
  size_t unit = length + separator_length;
  if (count <= 0 || unit == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  // Lua's own bound; elsewhere memory is.
  size_t most = vm_of(L)->profile == LVM_TRUSTED ? INT_MAX : LUA_MAXINTEGER;
  if (unit < length || unit > most / (size_t)count)
    return luaL_error(L, "resulting string too large");
  size_t total = (size_t)count * unit - separator_length;
  luaL_Buffer buffer;
  char *start = luaL_buffinitsize(L, &buffer, total);
  memcpy(start, text, length);
  size_t done = length;
  if (count > 1) {
    memcpy(start + length, separator, separator_length);
    done = unit;
  }
  while (done < total) {
    size_t more = done < total - done ? done : total - done;
    memcpy(start + done, start, more);
    done += more;
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

void body_open_strings(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"find", body_find}, {"match", body_match}, {"gmatch", body_gmatch}, {"gsub", body_gsub}, {"rep", body_rep},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
