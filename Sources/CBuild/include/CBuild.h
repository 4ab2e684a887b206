// CBuild: what a build knows of itself, and which libraries the dynamic linker has brought.
#ifndef CBUILD_H
#define CBUILD_H
#include <stdbool.h>

// What scripts/moongate wrote down when it built this: a line each, of a name and a version. NULL in other builds.
const char *_Nullable cbuild_notes(void);

// True when a shared library of this name is in the process.
bool cbuild_is_loaded(const char *_Nonnull name);

#endif
