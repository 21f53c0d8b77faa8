# SPDX-License-Identifier: Apache-2.0
"""COLMAP's database, looked into from outside while COLMAP fills it: the one way to learn how far it is.

From another process than the solver's: two copies of SQLite in one process undo each other's locks.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DATABASE_FILE = "database.db"
_COUNTS = {
    "keypoints": "SELECT COUNT(*) FROM keypoints",
    "two_view_geometries": "SELECT COUNT(*) FROM two_view_geometries",
}


def count_rows(database: Path, table: str) -> int | None:
    """Count the rows of ``keypoints`` (one a picture) or ``two_view_geometries`` (one a pair).

    Returns
    -------
    int or None
        None where COLMAP has not made the table yet or does not let anyone look.
    """
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=0.05)) as connection:
            return int(connection.execute(_COUNTS[table]).fetchone()[0])
    except sqlite3.OperationalError:
        return None
