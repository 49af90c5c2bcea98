"""The tables of the store, and how a store of an earlier version comes to have them."""

from __future__ import annotations

from typing import Final

VERSION: Final = 2
"""The version of the tables below, in the header of the file."""

RECORD_LOG: Final = 1
"""The number of the log that is the node's own record; the lines' logs are numbered on from it."""

_JOURNAL: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- AUTOINCREMENT: a number is never given twice, even when every event before it has been dropped.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX event_kind ON event (kind, seq);
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, body BLOB NOT NULL, sha256 BLOB NOT NULL
) STRICT;
CREATE TABLE refusal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, source TEXT NOT NULL, code TEXT NOT NULL,
    message TEXT NOT NULL, sample BLOB NOT NULL
) STRICT;
CREATE TABLE refusal_count (
    source TEXT NOT NULL, code TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, code)
) STRICT, WITHOUT ROWID;
"""

_LOGS: Final = """
CREATE TABLE log (id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, key TEXT NOT NULL, own INTEGER NOT NULL) STRICT;
-- Leaves of a thousand bytes would each take a page of their own in a table without row numbers.
CREATE TABLE leaf (
    log INTEGER NOT NULL, number INTEGER NOT NULL, leaf BLOB NOT NULL, PRIMARY KEY (log, number)
) STRICT;
CREATE TABLE node (
    log INTEGER NOT NULL, level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (log, level, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (
    log INTEGER NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log, size)
) STRICT;
CREATE TABLE ahead (log INTEGER PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE cosigned (
    log INTEGER NOT NULL, by TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (log, by, size)
) STRICT;
-- When and of what kind an entry of the node's own record says that it is.
CREATE TABLE entry (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL) STRICT;
CREATE INDEX entry_at ON entry (at_ms, number);
"""

_LINES: Final = """
-- An opening that expired is NULL: its row remains, so that a repeated bundle does not bring it back.
CREATE TABLE part (commitment TEXT PRIMARY KEY, opening BLOB, keep_until_ms INTEGER) STRICT;
CREATE INDEX part_expiry ON part (keep_until_ms) WHERE opening IS NOT NULL;
CREATE TABLE disclosed (
    commitment TEXT NOT NULL, to_party TEXT NOT NULL, way TEXT NOT NULL, at_ms INTEGER NOT NULL,
    by TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (commitment, to_party, way)
) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawn (
    commitment TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX disclosed_to ON disclosed (to_party, at_ms);
-- Parts of the logs of these origins that are given no more, as entry ``number`` of the same log says.
CREATE TABLE withheld (
    commitment TEXT NOT NULL, origin TEXT NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (commitment, origin)
) STRICT, WITHOUT ROWID;
CREATE TABLE fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, line TEXT NOT NULL, party TEXT NOT NULL,
    kind TEXT NOT NULL, evidence BLOB NOT NULL, sha256 BLOB NOT NULL, UNIQUE (line, party, kind, sha256)
) STRICT;
-- In the order of its rows the logs of the lines grew to these sizes.
CREATE TABLE arrival (
    seq INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX arrival_size ON arrival (origin, size);
-- Two different leaves for one number are both kept: their party has shown two histories.
CREATE TABLE express (
    origin TEXT NOT NULL, number INTEGER NOT NULL, leaf BLOB NOT NULL, at_ms INTEGER NOT NULL,
    UNIQUE (origin, number, leaf)
) STRICT;
"""

TABLES: Final = _JOURNAL + _LOGS + _LINES
"""All tables of a new store."""

# Version 1 had the record alone: one log without a number, and its key among the settings.
_FROM_1: Final = f"""
DROP INDEX entry_at;
ALTER TABLE entry RENAME TO entry_1;
ALTER TABLE node RENAME TO node_1;
ALTER TABLE checkpoint RENAME TO checkpoint_1;
{_LOGS}
{_LINES}
INSERT INTO log (id, origin, key, own)
    SELECT {RECORD_LOG}, substr(value, 1, instr(value, '+') - 1), value, 1 FROM setting WHERE name = 'log.key';
DELETE FROM setting WHERE name = 'log.key';
INSERT INTO leaf (log, number, leaf) SELECT {RECORD_LOG}, number, leaf FROM entry_1 ORDER BY number;
INSERT INTO entry (number, at_ms, kind) SELECT number, at_ms, kind FROM entry_1 ORDER BY number;
INSERT INTO node (log, level, number, hash)
    SELECT {RECORD_LOG}, level, number, hash FROM node_1 ORDER BY level, number;
INSERT INTO checkpoint (log, size, note) SELECT {RECORD_LOG}, size, note FROM checkpoint_1 ORDER BY size;
DROP TABLE entry_1;
DROP TABLE node_1;
DROP TABLE checkpoint_1;
"""

MIGRATIONS: Final = {1: _FROM_1}
"""What brings the tables of a version to those of the next."""
