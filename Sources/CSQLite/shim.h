// SQLite for the local gateway's store. SQLITE_TRANSIENT is a cast in a macro, which Swift cannot read.
#include <sqlite3.h>
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }
