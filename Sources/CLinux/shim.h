// What moongate uses of Linux that Swift cannot call: prctl takes variable arguments.
#include <sys/prctl.h>

static inline int clinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }
