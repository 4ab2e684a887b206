# The local gateway's folder as SQLite sees it.
import shutil
import sqlite3

MAGIC = b"SQLite format 3\0"


def check_databases(folder, copy):
    """SQLite's own check, on a copy: opening a database repairs it, and that is the gateway's business. A draft, which has
    not got its name yet, is whole only then; the next start throws it away."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    databases = [path for path in copy.iterdir() if path.suffix != ".new" and path.read_bytes()[:16] == MAGIC]
    for path in databases:
        database = sqlite3.connect(path)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
        database.close()
