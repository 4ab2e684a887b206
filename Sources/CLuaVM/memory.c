// The memory of a universe: counted, limited, and in small blocks from lists of its own.
//
// Lua asks for millions of blocks of a few sizes, and gives each back with its size; a list for each size finds one in a
// handful of instructions, where malloc took a sixth of a listing. Blocks are cut from chunks. A chunk of which every block
// is free is given back when a script collects its garbage, and before the heap grows by half of what it was.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum {
  CHUNK = 32 * 1024,    // and at a multiple of it, so that a block finds its chunk
  HEAD = 2 * GRAIN,     // of a chunk
  ROOM = CHUNK - GRAIN, // malloc's own head of the next chunk takes the rest: chunks lie side by side
  FEW = 4 << 20,        // a heap of less is not worth looking through
};

// The sanitizer is to see each block by itself.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LISTS 0
#endif
#endif
#ifndef HAS_LISTS
#define HAS_LISTS 1
#endif

struct block {
  struct block *next;
};

struct chunk {
  struct chunk *next;
  size_t cut, idle;  // bytes in blocks, and in free ones as trim_heap counts them
};

static bool is_small(size_t size) { return HAS_LISTS && size <= SMALL; }
static size_t list_of(size_t size) { return (size + GRAIN - 1) / GRAIN; }

static struct chunk *chunk_of(struct block *block) {
  return (struct chunk *)((uintptr_t)block & ~(uintptr_t)(CHUNK - 1));
}

// The first chunk is the one that blocks are cut from.
static bool is_idle(const struct heap *heap, const struct chunk *chunk) {
  return chunk != heap->chunks && chunk->idle == chunk->cut;
}

// Looks at each free block twice.
void trim_heap(struct heap *heap) {
  enum { LISTS = SMALL / GRAIN + 1 };
  if (!heap->chunks) return;
  for (struct chunk *chunk = heap->chunks; chunk; chunk = chunk->next) chunk->idle = 0;
  for (size_t list = 0; list < LISTS; list++)
    for (struct block *block = heap->free[list]; block; block = block->next) chunk_of(block)->idle += list * GRAIN;
  for (size_t list = 0; list < LISTS; list++)
    for (struct block **at = &heap->free[list]; *at;) {
      if (is_idle(heap, chunk_of(*at))) *at = (*at)->next;
      else at = &(*at)->next;
    }
  for (struct chunk **at = &heap->chunks->next; *at;) {
    struct chunk *chunk = *at;
    if (is_idle(heap, chunk)) {
      *at = chunk->next;
      heap->held -= CHUNK;
      free(chunk);
    } else {
      at = &chunk->next;
    }
  }
  heap->trim_at = heap->held + heap->held / 2 + FEW;
}

static bool begin_chunk(struct heap *heap) {
  void *place = NULL;
  if (posix_memalign(&place, CHUNK, ROOM) != 0) return false;
  struct chunk *chunk = place;
  if (heap->chunks) heap->chunks->cut = (size_t)(heap->next - (char *)heap->chunks) - HEAD;
  chunk->next = heap->chunks;
  heap->chunks = chunk;
  heap->held += CHUNK;
  heap->next = (char *)chunk + HEAD;
  heap->end = (char *)chunk + ROOM;
  return true;
}

// A small block, or null when a chunk must begin first.
static inline void *take_at_hand(struct heap *heap, size_t size) {
  size_t list = list_of(size);
  struct block *block = heap->free[list];
  if (block) {
    heap->free[list] = block->next;
    return block;
  }
  size = list * GRAIN;
  if ((size_t)(heap->end - heap->next) < size) return NULL;
  char *taken = heap->next;
  heap->next += size;
  return taken;
}

static void *take(struct heap *heap, size_t size) {
  if (!is_small(size)) return malloc(size);
  void *block = take_at_hand(heap, size);
  if (block) return block;
  if (heap->held >= heap->trim_at) trim_heap(heap);
  return begin_chunk(heap) ? take_at_hand(heap, size) : NULL;
}

static inline void give_back(struct heap *heap, void *block, size_t size) {
  if (!is_small(size)) return free(block);
  struct block *head = block;
  head->next = heap->free[list_of(size)];
  heap->free[list_of(size)] = head;
}

static void *resize(struct heap *heap, void *block, size_t old, size_t new) {
  if (!is_small(old) && !is_small(new)) return realloc(block, new);
  if (is_small(old) && is_small(new) && list_of(old) == list_of(new)) return block;
  void *moved = take(heap, new);
  if (!moved) return NULL;
  memcpy(moved, block, old < new ? old : new);
  give_back(heap, block, old);
  return moved;
}

static __attribute__((noinline)) void *allocate_any(lvm *vm, void *block, size_t old, size_t new) {
  if (!block) old = 0;  // then `old` is the kind of object
  if (new == 0) {
    if (block) give_back(&vm->heap, block, old);
    vm->used -= old;
    return NULL;
  }
  if (new > old && !vm->in_host) {
    if (vm->limit && vm->used + (new - old) > vm->limit) return NULL;
    if (vm->fail_from && ++vm->allocations >= vm->fail_from) return NULL;
  }
  void *grown = block ? resize(&vm->heap, block, old, new) : take(&vm->heap, new);
  if (!grown) {
    if (vm->in_host) {
      fputs("moongate: out of memory\n", stderr);
      abort();
    }
    return NULL;
  }
  vm->used += new - old;
  return grown;
}

// Counts every byte. Outside the host section the limit holds; inside, an allocation that really fails ends the
// process, because nothing there can be unwound. Nearly always it is a small block that comes or goes; apart from the rest
// that takes half the instructions.
void *allocate(void *context, void *block, size_t old, size_t new) {
  lvm *vm = context;
  if (!block && new > 0 && is_small(new)) {
    bool may = vm->in_host || (!vm->fail_from && (!vm->limit || vm->used + new <= vm->limit));
    void *taken = may ? take_at_hand(&vm->heap, new) : NULL;
    if (taken) {
      vm->used += new;
      return taken;
    }
  } else if (block && new == 0 && is_small(old)) {
    give_back(&vm->heap, block, old);
    vm->used -= old;
    return NULL;
  }
  return allocate_any(vm, block, old, new);
}

void free_chunks(lvm *vm) {
  for (struct chunk *chunk = vm->heap.chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    free(chunk);
  }
}

// MARK: The collector's pace

// To stop the collector, as every host section does, makes Lua forget how much it owes: it would neither work for what was
// taken (200 pages of 1,000 rows came to 94 MB where one is in use at a time) nor rest between two cycles (a step of
// 50,000 units of work for every host call took 98 % of a loop over 100,000 rows). So both are kept here: it rests until
// twice as much is in use as after the last cycle, which is Lua's own pause, and then does its work for what was taken,
// by the host and by the script before it called: a loop that took less than a step's worth a call came to the limit.
// It never rests within a cycle: where the sweep had just brought the memory below `due` the cycle stood still until as
// much garbage was new, ended with as much in use as it began with, and each cycle doubled what the next waited for.
// LUA_GCRESTART has made the debt 0, which the negative steps count from.
void pay_collector(lvm *vm) {
  enum { STEP = 8 };  // KB, as Lua's own LUAI_GCSTEPSIZE
  static const size_t most = 1 << 20;  // KB, so that it fits
  if (vm->used > vm->paid_at) vm->owed += vm->used - vm->paid_at;
  size_t owed = vm->owed / 1024;
  vm->rests = vm->rests && vm->used + 1024 < vm->due;
  if (vm->rests) {
    size_t left = (vm->due - vm->used) / 1024;
    lua_gc(vm->main, LUA_GCSTEP, -(int)(left < most ? left : most));
    vm->owed = 0;
  } else if (owed < STEP) {
    lua_gc(vm->main, LUA_GCSTEP, (int)owed - STEP);
  } else {
    vm->owed = 0;
    lua_gc(vm->main, LUA_GCSTEP, (int)(owed < most ? owed : most));
  }
  vm->paid_at = vm->used;
}

// The finalizer of an object that nobody has, which Lua calls at the end of a cycle. It comes back to life for the next.
static int body_end_cycle(lua_State *L) {
  lvm *vm = vm_of(L);
  vm->due = 2 * vm->used;
  vm->rests = true;
  lua_getmetatable(L, 1);
  lua_setmetatable(L, 1);
  return 0;
}

// Host section.
void watch_collector(lvm *vm) {
  lua_State *L = vm->main;
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 1);
  lua_pushcclosure(L, body_end_cycle, 0);
  lvm_set_field(L, -2, "__gc", 4);
  lua_setmetatable(L, -2);
  lua_settop(L, lua_gettop(L) - 1);
  vm->paid_at = vm->used;
}
