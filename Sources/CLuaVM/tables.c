// The functions of the table library that loop: as Lua's, but Ctrl-C ends them. A table may claim any length and give
// it by tables alone (__len, __index), so that no call happens at which a hook could look.
#include <limits.h>

#include "internal.h"

enum { READS = 1, WRITES = 2, MEASURES = 4 };

// A table, or what behaves as one as far as is needed.
static void body_check_table(lua_State *L, int argument, int needs) {
  static const char *const events[] = {"__index", "__newindex", "__len"};
  if (lua_istable(L, argument)) return;
  for (int i = 0; i < 3; i++) {
    if (!(needs >> i & 1)) continue;
    if (luaL_getmetafield(L, argument, events[i]) == LUA_TNIL) luaL_checktype(L, argument, LUA_TTABLE);
    lua_pop(L, 1);
  }
}

static lua_Integer body_length(lua_State *L, int argument, int needs) {
  body_check_table(L, argument, needs | MEASURES);
  return luaL_len(L, argument);
}

static int body_insert(lua_State *L) {
  lua_Integer end = (lua_Integer)((lua_Unsigned)body_length(L, 1, READS | WRITES) + 1), position = end;
  int arguments = lua_gettop(L);
  if (arguments == 3) {
    position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, (lua_Unsigned)position - 1 < (lua_Unsigned)end, 2, "position out of bounds");
    for (lua_Integer i = end; i > position; i--) {
      body_look_up(L);
      lua_geti(L, 1, i - 1);
      lua_seti(L, 1, i);
    }
  } else if (arguments != 2) {
    return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_seti(L, 1, position);
  return 0;
}

static int body_remove(lua_State *L) {
  lua_Integer size = body_length(L, 1, READS | WRITES);
  lua_Integer position = luaL_optinteger(L, 2, size);
  if (position != size)
    luaL_argcheck(L, (lua_Unsigned)position - 1 <= (lua_Unsigned)size, 2, "position out of bounds");
  lua_geti(L, 1, position);
  for (; position < size; position++) {
    body_look_up(L);
    lua_geti(L, 1, position + 1);
    lua_seti(L, 1, position);
  }
  lua_pushnil(L);
  lua_seti(L, 1, position);
  return 1;
}

static int body_move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
  int target = lua_isnoneornil(L, 5) ? 1 : 5;
  body_check_table(L, 1, READS);
  body_check_table(L, target, WRITES);
  if (last >= first) {
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    lua_Integer count = last - first + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    bool overlaps = to > first && to <= last && (target == 1 || lua_compare(L, 1, target, LUA_OPEQ));
    for (lua_Integer i = 0; i < count; i++) {
      lua_Integer at = overlaps ? count - 1 - i : i;
      body_look_up(L);
      lua_geti(L, 1, first + at);
      lua_seti(L, target, to + at);
    }
  }
  lua_pushvalue(L, target);
  return 1;
}

static int body_concat(lua_State *L) {
  lua_Integer last = body_length(L, 1, READS);
  size_t length;
  const char *separator = luaL_optlstring(L, 2, "", &length);
  lua_Integer i = luaL_optinteger(L, 3, 1);
  last = luaL_optinteger(L, 4, last);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (; i <= last; i++) {
    body_look_up(L);
    lua_geti(L, 1, i);
    if (!lua_isstring(L, -1))
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
    luaL_addvalue(&buffer);
    if (i == last) break;  // it may be the largest integer there is
    luaL_addlstring(&buffer, separator, length);
  }
  luaL_pushresult(&buffer);
  return 1;
}

// Whether the value at index a comes before the one at b, both counted from the top.
static bool body_is_less(lua_State *L, int a, int b) {
  body_look_up(L);
  if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a - 1);
  lua_pushvalue(L, b - 2);
  lua_call(L, 2, 1);
  bool less = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return less;
}

// Swaps the elements i and j where the second comes before the first; whether it did.
static bool body_order(lua_State *L, lua_Integer i, lua_Integer j) {
  lua_geti(L, 1, i);
  lua_geti(L, 1, j);
  bool swaps = body_is_less(L, -1, -2);
  if (swaps) {
    lua_seti(L, 1, i);
    lua_seti(L, 1, j);
  } else {
    lua_pop(L, 2);
  }
  return swaps;
}

// Leaves what comes before the pivot, on top, left of the returned place, and the rest right of it. The pivot stands at
// high - 1; the elements at low and high are in order with it already, and so end the scans.
static lua_Integer body_partition(lua_State *L, lua_Integer low, lua_Integer high) {
  lua_Integer i = low, j = high - 1;
  for (;;) {
    while (lua_geti(L, 1, ++i), body_is_less(L, -1, -2)) {
      if (i == high - 1) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    while (lua_geti(L, 1, --j), body_is_less(L, -3, -1)) {
      if (j < i) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    if (j < i) break;
    lua_seti(L, 1, i);
    lua_seti(L, 1, j);
  }
  // On top: the pivot, element i, element j. The pivot goes to i.
  lua_pop(L, 1);
  lua_seti(L, 1, high - 1);
  lua_pushvalue(L, -1);
  lua_seti(L, 1, i);
  return i;
}

// Quicksort, by the median of three; the smaller part by recursion, so that its depth stays a logarithm.
static void body_sort_between(lua_State *L, lua_Integer low, lua_Integer high) {
  luaL_checkstack(L, 8, "array too big");
  while (low < high) {
    lua_Integer middle = low + (high - low) / 2;
    body_order(L, low, high);
    if (high - low == 1) return;
    if (!body_order(L, low, middle)) body_order(L, middle, high);
    if (high - low == 2) return;
    lua_geti(L, 1, middle);
    lua_geti(L, 1, high - 1);
    lua_pushvalue(L, -2);
    lua_seti(L, 1, high - 1);
    lua_seti(L, 1, middle);
    lua_Integer place = body_partition(L, low, high);
    lua_pop(L, 1);
    if (place - low < high - place) {
      body_sort_between(L, low, place - 1);
      low = place + 1;
    } else {
      body_sort_between(L, place + 1, high);
      high = place - 1;
    }
  }
}

static int body_sort(lua_State *L) {
  lua_Integer length = body_length(L, 1, READS | WRITES);
  if (length > 1) {
    luaL_argcheck(L, length < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    body_sort_between(L, 1, length);
  }
  return 0;
}

void body_open_tables(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"concat", body_concat}, {"insert", body_insert}, {"move", body_move}, {"remove", body_remove},
      {"sort", body_sort},     {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
