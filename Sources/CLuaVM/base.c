// The functions of the base library that are ours.
#include <limits.h>
#include <malloc.h>
#include <string.h>

#include "internal.h"

// Largest text that a snippet may compile: the compiler patches some jumps in quadratic time.
enum { SNIPPET_SOURCE = 256 << 10 };

// MARK: Texts of values

// In snippets without addresses: they would tell where the process has what.
const char *body_tolstring(lua_State *L, int index, size_t *length) {
  int type = lua_type(L, index);
  bool has_address = type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD || type == LUA_TUSERDATA;
  if (vm_of(L)->profile != LVM_SNIPPET || !has_address) return luaL_tolstring(L, index, length);
  index = lua_absindex(L, index);
  if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
    lua_pop(L, 1);
    return luaL_tolstring(L, index, length);
  }
  int name = luaL_getmetafield(L, index, "__name");
  if (name != LUA_TSTRING) {
    if (name != LUA_TNIL) lua_pop(L, 1);
    lua_pushstring(L, lua_typename(L, type));
  }
  return lua_tolstring(L, -1, length);
}

static int body_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  body_tolstring(L, 1, NULL);
  return 1;
}

static void body_print_to(lua_State *L, bool to_stderr, const char *before, const char *between) {
  luaL_Buffer buffer;
  int arguments = lua_gettop(L);
  luaL_buffinit(L, &buffer);
  luaL_addstring(&buffer, before);
  for (int i = 1; i <= arguments; i++) {
    if (i > 1) luaL_addstring(&buffer, between);
    body_tolstring(L, i, NULL);
    luaL_addvalue(&buffer);
  }
  luaL_addchar(&buffer, '\n');
  luaL_pushresult(&buffer);
  body_write_value(L, -1, to_stderr);
}

static int body_print(lua_State *L) {
  body_print_to(L, false, "", "\t");
  return 0;
}

// "@on", "@off": what the manual calls control messages.
static int body_warn(lua_State *L) {
  const char *first = luaL_checkstring(L, 1);
  lvm *vm = vm_of(L);
  if (lua_gettop(L) == 1 && *first == '@') {
    if (strcmp(first, "@off") == 0) vm->is_silent = true;
    if (strcmp(first, "@on") == 0) vm->is_silent = false;
    return 0;
  }
  if (!vm->is_silent) body_print_to(L, true, "warning: ", "");
  return 0;
}

// MARK: Loading

// Feeds the compiler piece by piece, and nothing more once the run is to end: 100,000 elseif take it 14 seconds.
struct source {
  lvm *vm;
  const char *text;
  size_t left;
};

static const char *next_piece(lua_State *L, void *context, size_t *length) {
  (void)L;
  struct source *source = context;
  const char *piece = source->text;
  *length = source->left < 256 ? source->left : 256;
  if (must_stop(source->vm)) *length = 0;
  source->text += *length;
  source->left -= *length;
  return piece;
}

int load_text(lua_State *L, const char *text, size_t length, const char *name) {
  struct source source = {.vm = vm_of(L), .text = text, .left = length};
  return lua_load(L, next_piece, &source, name, "t");
}

// Text only, whatever the mode, but for the trusted; an environment given as nil is not the same as none. The upvalue is
// Lua's own load, for functions that give the text in pieces.
static int body_load(lua_State *L) {
  bool has_environment = !lua_isnone(L, 4), is_trusted = vm_of(L)->profile == LVM_TRUSTED;
  lua_settop(L, 4);
  if (lua_isstring(L, 1) && !is_trusted) {
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    if (vm_of(L)->profile == LVM_SNIPPET && length > SNIPPET_SOURCE)
      return luaL_error(L, "load: a text of a snippet has at most %d KiB", SNIPPET_SOURCE >> 10);
    if (load_text(L, text, length, luaL_optstring(L, 2, text)) != LUA_OK) {
      body_look_up(L);
      luaL_pushfail(L);
      lua_insert(L, -2);
      return 2;
    }
    body_look_up(L);
    if (has_environment) {
      lua_pushvalue(L, 4);
      if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
  }
  if (vm_of(L)->profile == LVM_SNIPPET) return luaL_typeerror(L, 1, "string");
  if (!is_trusted) {
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (!has_environment) lua_settop(L, 4);
  // It returns the error of a function as its own.
  bool was_unwinding = is_task_unwinding(vm_of(L));
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  if (passes_on(vm_of(L), was_unwinding)) return body_raise_unwinding(L);
  return lua_gettop(L);
}

// MARK: Memory

// A step of less than nothing would put the collector off.
static int body_step_size(lua_State *L) {
  lua_Integer size = luaL_optinteger(L, 2, 0);
  return size < 0 ? 0 : size > INT_MAX ? INT_MAX : (int)size;
}

// What tunes or stops the collector is accepted, so that a script runs, and does nothing: a script must not be able to
// keep it from running.
static int body_collectgarbage(lua_State *L) {
  static const char *const options[] = {
      "collect", "count", "step", "isrunning", "stop", "restart", "setpause", "setstepmul", "incremental", "generational", NULL,
  };
  switch (luaL_checkoption(L, 1, "collect", options)) {
    case 0:
      lua_gc(L, LUA_GCCOLLECT);
      // glibc keeps up to 64 MiB at the end of its heap, the more, the larger what was freed last.
      trim_heap(&vm_of(L)->heap);
      malloc_trim(0);
      lua_pushinteger(L, 0);
      break;
    case 1: lua_pushnumber(L, (lua_Number)lua_gc(L, LUA_GCCOUNT) + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024); break;
    case 2: lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, body_step_size(L))); break;
    case 3: lua_pushboolean(L, 1); break;
    case 4: case 5: lua_pushinteger(L, 0); break;
    case 6: lua_pushinteger(L, 200); break;
    case 7: lua_pushinteger(L, 100); break;
    default: lua_pushliteral(L, "incremental");
  }
  return 1;
}

void body_open_base(lua_State *L) {
  static const luaL_Reg of_all[] = {{"print", body_print}, {"warn", body_warn}, {NULL, NULL}};
  static const luaL_Reg of_untrusted[] = {{"tostring", body_tostring}, {NULL, NULL}};
  luaL_setfuncs(L, of_all, 0);
  body_open_protected(L);
  lua_getfield(L, -1, "load");
  lua_pushcclosure(L, body_load, 1);
  lua_setfield(L, -2, "load");
  if (vm_of(L)->profile == LVM_TRUSTED) return;
  luaL_setfuncs(L, of_untrusted, 0);
  body_open_lazy(L);
  if (vm_of(L)->profile == LVM_SNIPPET) return;
  lua_pushcfunction(L, body_collectgarbage);
  lua_setfield(L, -2, "collectgarbage");
}
