// Shapes, and Lua values straight from the bytes of an answer.
//
// The builder follows the scanner's tokens with a stack of its own and knows from the shape which numbers are
// timestamps and which tables are records. Host section only.
#include <stdlib.h>
#include <string.h>

#include "CJSON.h"
#include "internal.h"

enum {
  MOST_MEMBERS = 64,  // one bit each in `seen`
  MOST_PINNED = 16,   // shapes of records that one document keeps at hand; the service's deepest answer has five
  PINNED_NUMBERS = 256,
  MOST_EXPECTED = 1000,  // items that room is made for beforehand: the service's largest page
};

// True when the name is a member's but for its case.
static bool is_miswritten(const struct shape *record, const char *name) {
  for (int i = 0; i < record->count; i++)
    if (strcasecmp(record->members[i].name, name) == 0) return true;
  return false;
}

// What a fleet knows of its items: a table from record to target that keeps no record alive.
static void push_targets(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key) == LUA_TTABLE) return;
  lua_settop(L, lua_gettop(L) - 1);
  lua_createtable(L, 0, 16);
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, "k", 1);
  lvm_set_field(L, -2, "__mode", 6);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key);
}

void lvm_set_target(lua_State *L) {
  push_targets(L);
  lua_insert(L, -3);
  lua_rawset(L, -3);
  lua_settop(L, lua_gettop(L) - 1);
}

// A modelled member that was not sent is nil, as is a lower-case name: those are the script's to add. Any other name
// is a mistake, and so is `vm.lastBackupDate`; the host function behind upvalue 2 says so.
static int body_record_index(lua_State *L) {
  size_t length = 0;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
  if (!name || length == 0) return 0;
  if (length == 6 && memcmp(name, "target", 6) == 0) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key) != LUA_TTABLE) return 0;
    lua_pushvalue(L, 1);
    lua_rawget(L, -2);
    return 1;
  }
  const struct shape *record = &vm_of(L)->shapes[lua_tointegerx(L, lua_upvalueindex(3), NULL)];
  if ((name[0] < 'A' || name[0] > 'Z') && !is_miswritten(record, name)) return 0;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 0;
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(3));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, 3, 0);
  return 0;
}

int lvm_shape(lvm *vm, lvm_shape_kind kind, int item, const char *name, uint32_t missing) {
  struct shape *grown = realloc(vm->shapes, sizeof *grown * (size_t)(vm->shape_count + 1));
  if (!grown) return -1;
  vm->shapes = grown;
  int number = vm->shape_count++;
  vm->shapes[number] = (struct shape){.kind = kind, .item = item, .metatable = LUA_NOREF};
  if (kind != LVM_SHAPE_RECORD && kind != LVM_SHAPE_LIST) return number;
  lua_State *L = vm->main;
  lua_checkstack(L, 6);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, name);
  lvm_set_field(L, -2, "__name", 6);
  lua_pushboolean(L, 0);
  lvm_set_field(L, -2, "__metatable", 11);
  if (kind == LVM_SHAPE_RECORD) {
    // The members' names, by name and by number, filled by lvm_shape_member, which finds it under record_key.
    lua_createtable(L, 16, 16);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, &vm->record_key);
    lvm_push_host_function(L, missing);
    lua_pushinteger(L, number);
    lua_pushcclosure(L, body_record_index, 3);
    lvm_set_field(L, -2, "__index", 7);
  }
  lua_pushinteger(L, number);
  lua_rawsetp(L, -2, &vm->shape_key);
  vm->shapes[number].metatable = luaL_ref(L, LUA_REGISTRYINDEX);
  return number;
}

bool lvm_shape_member(lvm *vm, int record, const char *name, int shape) {
  struct shape *owner = &vm->shapes[record];
  if (owner->count == MOST_MEMBERS) return false;
  struct member *grown = realloc(owner->members, sizeof *grown * (size_t)(owner->count + 1));
  char *copy = strdup(name);
  if (grown) owner->members = grown;
  if (!grown || !copy) {
    free(copy);
    return false;
  }
  owner->members[owner->count++] = (struct member){.name = copy, .length = strlen(copy), .shape = shape};
  lua_State *L = vm->main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, owner->metatable);
  lua_rawgetp(L, -1, &vm->record_key);
  lua_pushstring(L, copy);
  lua_rawseti(L, -2, owner->count);
  lua_pushboolean(L, 1);
  lvm_set_field(L, -2, copy, strlen(copy));
  lua_settop(L, lua_gettop(L) - 2);
  return true;
}

int lvm_shape_at(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return -1;
  lua_rawgetp(L, -1, &vm_of(L)->shape_key);
  int shape = lua_isinteger(L, -1) ? (int)lua_tointegerx(L, -1, NULL) : -1;
  lua_settop(L, lua_gettop(L) - 2);
  return shape;
}

struct level {
  int shape;         // of this object or list, -1 for any
  int member_shape;  // of the value to come, in an object
  int names;         // where the record's names stand on the stack, 0 for nowhere
  int last;          // the modelled member before, -1 at the start
  int64_t count;     // items so far
  bool object;
  uint64_t seen;  // modelled members so far
};

struct builder {
  lua_State *L;
  lvm *vm;
  // A script's own document: the shape of every list, what stands for null, and the last of two members counts.
  bool is_own;
  int own_list, own_null;
  cjson_scanner scanner;
  struct level levels[CJSON_DEPTH + 1];
  int depth;
  // What records of a shape need stands at the bottom of the stack from the first of them on: the metatable, and above
  // it the members' names. Where, by the shape's number.
  int base, pinned;
  int pins[PINNED_NUMBERS];
};

static struct shape *shape_of(const struct builder *b, int number) { return number < 0 ? NULL : &b->vm->shapes[number]; }

// The shape of the value that comes next.
static int expected(const struct builder *b, int top) {
  if (b->depth == 0) return top;
  const struct level *level = &b->levels[b->depth - 1];
  if (level->object) return level->member_shape;
  const struct shape *list = shape_of(b, level->shape);
  return list && list->kind == LVM_SHAPE_LIST ? list->item : -1;
}

// Pushes the text of a key or string token.
static void push_text(struct builder *b) {
  const cjson_scanner *s = &b->scanner;
  if (!s->escaped) {
    lua_pushlstring(b->L, s->text, s->length);
    return;
  }
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(b->L, &buffer, s->length);
  luaL_pushresultsize(&buffer, cjson_unescape(s->text, s->length, out));
}

// Puts the value on top into the table below it (under it its key, in an object). The outermost value stays.
static void place(struct builder *b) {
  if (b->depth == 0) return;
  struct level *level = &b->levels[b->depth - 1];
  if (level->object) lua_rawset(b->L, -3);
  else lua_rawseti(b->L, -2, ++level->count);
}

// Where the metatable of a record's shape stands on the stack; 0 when there are too many shapes to keep.
static int pin(struct builder *b, int number) {
  if (number >= PINNED_NUMBERS || b->pins[number]) return number < PINNED_NUMBERS ? b->pins[number] : 0;
  if (b->pinned == MOST_PINNED) return 0;
  int place = b->base + 2 * b->pinned++ + 1;
  lua_rawgeti(b->L, LUA_REGISTRYINDEX, b->vm->shapes[number].metatable);
  lua_rawgetp(b->L, -1, &b->vm->record_key);
  lua_rotate(b->L, place, 2);
  return b->pins[number] = place;
}

static void begin(struct builder *b, bool object, int wanted) {
  const struct shape *shape = shape_of(b, wanted);
  bool fits = shape && shape->kind == (object ? LVM_SHAPE_RECORD : LVM_SHAPE_LIST);
  int place = object && fits ? pin(b, wanted) : 0;
  // The lists of a script's own document share one shape, and nest: what one of them had says nothing of the next.
  int items = object || !fits || b->is_own ? 0 : shape->usual;
  lua_createtable(b->L, items, object && fits ? shape->count : 0);
  if (fits) {
    if (place) lua_pushvalue(b->L, place);
    else lua_rawgeti(b->L, LUA_REGISTRYINDEX, shape->metatable);
    lua_setmetatable(b->L, -2);
  }
  b->levels[b->depth++] =
      (struct level){.shape = fits ? wanted : -1, .names = place ? place + 1 : 0, .last = -1, .object = object};
}

static void end(struct builder *b) {
  const struct level *level = &b->levels[--b->depth];
  struct shape *list = level->object ? NULL : shape_of(b, level->shape);
  if (list) list->usual = level->count < MOST_EXPECTED ? (int)level->count : MOST_EXPECTED;
}

static bool is_named(const struct member *member, const char *name, size_t length) {
  return member->length == length && memcmp(member->name, name, length) == 0;
}

// The number of the member of this name, or -1. It is mostly the one that followed last time.
static int member_named(struct level *level, struct shape *record, const char *name, size_t length) {
  int *guess = level->last < 0 ? &record->first : &record->members[level->last].next;
  int i = *guess;
  if (i >= record->count || !is_named(&record->members[i], name, length))
    for (i = 0; i < record->count && !is_named(&record->members[i], name, length);) i++;
  if (i == record->count) return -1;
  level->last = *guess = i;
  return i;
}

// Pushes the member's name; null, or what is wrong with it.
static const char *key(struct builder *b) {
  struct level *level = &b->levels[b->depth - 1];
  struct shape *record = shape_of(b, level->shape);
  level->member_shape = -1;
  size_t length = b->scanner.length;
  const char *name = b->scanner.text;
  if (b->scanner.escaped || !level->names) {
    push_text(b);
    name = lvm_string(b->L, -1, &length);
  }
  int i = record ? member_named(level, record, name, length) : -1;
  if (name == b->scanner.text) {
    if (i >= 0) lua_rawgeti(b->L, level->names, i + 1);
    else lua_pushlstring(b->L, name, length);
  }
  if (i >= 0) {
    if (level->seen >> i & 1) return "duplicate member";
    level->seen |= (uint64_t)1 << i;
    level->member_shape = record->members[i].shape;
    return NULL;
  }
  if (b->is_own) return NULL;
  lua_pushvalue(b->L, -1);
  bool duplicate = lua_rawget(b->L, -3) != LUA_TNIL;
  lua_settop(b->L, lua_gettop(b->L) - 1);
  return duplicate ? "duplicate member" : NULL;
}

// Epoch seconds become a timestamp where the shape says so; outside the years 1 to 9999 the number stays.
static void push_number(struct builder *b, double seconds, bool integer, int64_t whole, int wanted) {
  const struct shape *shape = shape_of(b, wanted);
  if (shape && shape->kind == LVM_SHAPE_TIMESTAMP && seconds >= -62135596800.0 && seconds < 253402300800.0) {
    double micros = seconds * 1e6;
    lvm_push_timestamp(b->L, integer ? whole * 1000000 : (int64_t)(micros < 0 ? micros - 0.5 : micros + 0.5));
  } else if (integer) {
    lua_pushinteger(b->L, whole);
  } else {
    lua_pushnumber(b->L, seconds);
  }
}

static void push_null(struct builder *b) {
  if (b->is_own) lua_rawgeti(b->L, LUA_REGISTRYINDEX, b->own_null);
  else lua_pushnil(b->L);
}

static const char *build(struct builder *b, int shape) {
  lua_State *L = b->L;
  b->base = lua_gettop(L);
  // A level holds a table and a key; then a value, and room for a buffer and what is pinned.
  if (!lua_checkstack(L, 2 * CJSON_DEPTH + 2 * MOST_PINNED + 8)) return "nested too deeply";
  for (;;) {
    const char *problem = NULL;
    cjson_kind kind = cjson_next(&b->scanner);
    int wanted = kind == CJSON_KEY ? -1 : expected(b, shape);
    switch (kind) {
      case CJSON_OBJECT_BEGIN: begin(b, true, wanted); continue;
      case CJSON_ARRAY_BEGIN: begin(b, false, b->is_own ? b->own_list : wanted); continue;
      case CJSON_OBJECT_END: case CJSON_ARRAY_END: end(b); break;
      case CJSON_KEY: problem = key(b); break;
      case CJSON_STRING: push_text(b); break;
      case CJSON_INTEGER: push_number(b, (double)b->scanner.integer, true, b->scanner.integer, wanted); break;
      case CJSON_NUMBER: push_number(b, b->scanner.number, false, 0, wanted); break;
      case CJSON_TRUE: case CJSON_FALSE: lua_pushboolean(L, kind == CJSON_TRUE); break;
      case CJSON_NULL: push_null(b); break;
      case CJSON_END:
        if (b->pinned) lua_replace(L, b->base + 1);
        lua_settop(L, b->base + 1);
        return NULL;
      default: problem = b->scanner.problem;
    }
    if (problem) {
      lua_settop(L, b->base);
      return problem;
    }
    if (kind != CJSON_KEY) place(b);
  }
}

// Levels are set when they are reached, and of the pins those that there are shapes for: to clear all of both took a
// third of a small answer's work.
static void prepare(struct builder *b, lua_State *L, const char *bytes, size_t length) {
  b->L = L;
  b->vm = vm_of(L);
  b->is_own = false;
  b->scanner = cjson_begin(bytes, length);
  b->depth = b->pinned = 0;
  int shapes = b->vm->shape_count < PINNED_NUMBERS ? b->vm->shape_count : PINNED_NUMBERS;
  memset(b->pins, 0, sizeof *b->pins * (size_t)shapes);
}

const char *lvm_push_json(lua_State *L, const char *bytes, size_t length, int shape) {
  struct builder b;
  prepare(&b, L, bytes, length);
  return build(&b, shape);
}

const char *lvm_push_own_json(lua_State *L, const char *bytes, size_t length, int list, int null, size_t *offset) {
  struct builder b;
  prepare(&b, L, bytes, length);
  b.is_own = true;
  b.own_list = list;
  b.own_null = null;
  const char *problem = build(&b, -1);
  *offset = (size_t)(b.scanner.cursor - bytes);
  return problem;
}
