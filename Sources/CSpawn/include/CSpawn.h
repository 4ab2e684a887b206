// CSpawn: starts a shell command, or this program again as a worker, in a process group of its own. In C because Swift's
// Glibc module leaves out what posix_spawn has from GNU: the terminal's foreground group, and the closing of everything
// else.
#ifndef CSPAWN_H
#define CSPAWN_H
#include <stdbool.h>
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

// Runs `sh -c command` on this program's terminal and streams, with no other descriptor, and waits for its end. Ctrl-C
// is the command's meanwhile. SIGTERM and SIGHUP end the command, and wait for this program, which must have them blocked
// while there is something to tidy up. `status` becomes its exit code, or 128 and the number of the signal that ended
// it. Returns 0 or an errno value.
int cspawn_program(const char *_Nonnull command, int *_Nonnull status);

// Has SIGTERM and SIGHUP, where they end this program, kill a child's process group first; 0 for none. The latest child
// is the guarded one.
void cspawn_guard(pid_t child);

// A worker, and this program's ends of what connects the two: all non-blocking and closed on exec.
typedef struct {
  pid_t pid;
  int process;  // readable when it has ended
  int output;   // reads its standard output
  int error;    // reads its standard error
  int channel;  // a socket, descriptor 3 of the worker
} cspawn_worker;

// Starts this program again with `arguments`, which NULL ends: an empty environment, /dev/null as standard input, the
// descriptors above and no other, default signals, a process group of its own. Returns 0 or an errno value.
int cspawn_start_worker(char *_Nullable const *_Nonnull arguments, cspawn_worker *_Nonnull worker);

// A descriptor that is readable when something happens on one of those that cspawn_watch names; -1 and errno.
int cspawn_watcher(void);
// Waits for reading, for writing, or with neither for nothing more. False for what need not be waited for, as a file.
bool cspawn_watch(int watcher, int descriptor, bool reading, bool writing);

// Seconds of processor time that a process has taken; negative when it is gone.
double cspawn_processor_time(pid_t pid);
#endif
