// What the C files of CSpawn share.
#ifndef CSPAWN_INTERNAL_H
#define CSPAWN_INTERNAL_H
#include <spawn.h>

// A child with all signals as at first, none blocked, in a process group of its own; 0, or an errno value.
int cspawn_set_up(posix_spawnattr_t *attributes);
#endif
