#pragma once

// The tables of the evidence store, as a list of steps from an empty file to today's version. A step is never changed once
// it was released: a new need is a new step. (On-disk format: docs/formats/evidence-store.md.)

#include <array>

namespace gantry::launch {

// Step i takes a database from version i to i + 1; PRAGMA user_version holds the version.
inline constexpr std::array kSchemaSteps = {
    // 1: runs and evidence.
    R"sql(
CREATE TABLE run(
  id INTEGER PRIMARY KEY,
  plan_file TEXT NOT NULL, plan_digest TEXT NOT NULL, gantry_version TEXT NOT NULL, environment TEXT NOT NULL,
  decision TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL) STRICT;
CREATE TABLE evidence(
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, binding_key TEXT NOT NULL, key TEXT NOT NULL, check_name TEXT NOT NULL, subject TEXT NOT NULL,
  engine_version TEXT NOT NULL, class TEXT NOT NULL, verdict TEXT NOT NULL, summary TEXT NOT NULL,
  started TEXT NOT NULL, finished TEXT NOT NULL, fresh_until TEXT) STRICT;
CREATE INDEX evidence_by_binding ON evidence(binding_key, row);
CREATE TABLE evidence_input(evidence INTEGER NOT NULL REFERENCES evidence(row), name TEXT NOT NULL, digest TEXT NOT NULL,
  PRIMARY KEY(evidence, name)) STRICT, WITHOUT ROWID;
CREATE TABLE finding(
  evidence INTEGER NOT NULL REFERENCES evidence(row), position INTEGER NOT NULL, fingerprint TEXT NOT NULL,
  rule TEXT NOT NULL, severity INTEGER NOT NULL, object TEXT NOT NULL, file TEXT, line INTEGER NOT NULL, col INTEGER NOT NULL,
  message TEXT NOT NULL, explanation TEXT NOT NULL, fix TEXT NOT NULL,
  PRIMARY KEY(evidence, position)) STRICT, WITHOUT ROWID;
CREATE TABLE related_place(
  evidence INTEGER NOT NULL, finding INTEGER NOT NULL, position INTEGER NOT NULL,
  file TEXT, line INTEGER NOT NULL, col INTEGER NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY(evidence, finding, position)) STRICT, WITHOUT ROWID;
CREATE TABLE metric(evidence INTEGER NOT NULL REFERENCES evidence(row), position INTEGER NOT NULL, name TEXT NOT NULL,
  value REAL NOT NULL, PRIMARY KEY(evidence, position)) STRICT, WITHOUT ROWID;
CREATE TABLE artifact(evidence INTEGER NOT NULL REFERENCES evidence(row), position INTEGER NOT NULL, name TEXT NOT NULL,
  sha256 TEXT NOT NULL, media_type TEXT NOT NULL, PRIMARY KEY(evidence, position)) STRICT, WITHOUT ROWID;
)sql",
    // 2: what people said.
    R"sql(
CREATE TABLE waiver(
  id INTEGER PRIMARY KEY, subject TEXT NOT NULL, why TEXT NOT NULL, impact TEXT NOT NULL, control TEXT NOT NULL,
  accepted_by TEXT NOT NULL, role TEXT NOT NULL, issue TEXT NOT NULL, created TEXT NOT NULL, expires TEXT NOT NULL) STRICT;
CREATE TABLE waiver_finding(waiver INTEGER NOT NULL REFERENCES waiver(id), fingerprint TEXT NOT NULL,
  PRIMARY KEY(waiver, fingerprint)) STRICT, WITHOUT ROWID;
CREATE TABLE sign_off(
  id INTEGER PRIMARY KEY, subject TEXT NOT NULL, digest TEXT NOT NULL, stance TEXT NOT NULL, who TEXT NOT NULL,
  role TEXT NOT NULL, note TEXT NOT NULL, signed_at TEXT NOT NULL, expires TEXT NOT NULL) STRICT;
)sql",
    // 3: what a waiver is about. '' in those that were there before: nobody wrote it down.
    "ALTER TABLE waiver ADD COLUMN digest TEXT NOT NULL DEFAULT '';",
    // 4: which commit evidence is about; how many failed checks a run tried again after a change, and how many of those, of this and
    // earlier runs, it wrote into the plan as spent entropy.
    R"sql(
ALTER TABLE evidence ADD COLUMN source_commit TEXT;
ALTER TABLE evidence ADD COLUMN source_tree TEXT;
ALTER TABLE evidence ADD COLUMN source_dirty INTEGER;
ALTER TABLE run ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN retries_written INTEGER NOT NULL DEFAULT 0;
)sql",
    // 5: how bad a finding is, and how bad the one was that a waiver was given for. NULL where it is there or not.
    R"sql(
ALTER TABLE finding ADD COLUMN extent REAL;
ALTER TABLE waiver_finding ADD COLUMN extent REAL;
)sql",
};

inline constexpr int kSchemaVersion = static_cast<int>(kSchemaSteps.size());

// "GNTR": marks the file as an evidence store to SQLite's own tools. On disk; never changes.
inline constexpr int kApplicationId = 0x474e5452;

}  // namespace gantry::launch
