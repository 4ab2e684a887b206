// CSpawn: starts a shell command in a process group of its own. In C because Swift's Glibc module leaves out what
// posix_spawn has from GNU: the terminal's foreground group, and the closing of everything else.
#ifndef CSPAWN_H
#define CSPAWN_H
#include <sys/types.h>

// Starts `sh -c command` with this process's environment, standard input and standard error, no other descriptor, and
// default signals. Its process group is its own and has the child's id.
//
// terminal: a descriptor of the controlling terminal, whose foreground the new group becomes; -1 for none.
// child, output: set on success to the process id, and to the reading end of its standard output, non-blocking and
// closed on exec.
// Returns 0 or an errno value.
int cspawn_shell(const char *_Nonnull command, int terminal, pid_t *_Nonnull child, int *_Nonnull output);

// Starts `sh -c command` with an environment of its own, as part of this program's process group: Ctrl-C at the terminal
// reaches both. `input` and `output` become its standard streams; -1 leaves it this program's. Returns 0 or an errno
// value.
int cspawn_child(
    const char *_Nonnull command, char *_Nullable const *_Nonnull environment, int input, int output,
    pid_t *_Nonnull child);

// Has SIGTERM and SIGHUP, where they end this program, kill a child's process group first; 0 for none. The latest child
// is the guarded one.
void cspawn_guard(pid_t child);
#endif
