// libedit's calls are variadic, which Swift cannot call: one typed wrapper per kind of argument.
#include <histedit.h>
