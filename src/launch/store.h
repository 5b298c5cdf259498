#pragma once

// The evidence store: `.gantry/evidence.db` (SQLite, WAL) and artifacts beside it, named by their SHA-256.
// It survives kill -9 at any moment, refuses a database from a newer version, and migrates an older one.
// Format: docs/formats/evidence-store.md.

#include "base/evidence.h"
#include "base/result.h"
#include "base/time.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// An accepted risk (reference §7.2). It covers findings by fingerprint and never hides new ones, and it ends when what it is
// about is worded otherwise.
struct Waiver {
  std::int64_t id = 0;                    // set by the store
  std::string subject;                    // "A.4", "criterion 4"
  std::string digest;                     // of the subject's text; "" when an older version recorded it
  std::vector<std::string> fingerprints;  // of the findings accepted; empty: the subject's being unverified or deferred
  // By fingerprint, of those that may get worse: how bad it was that was accepted.
  std::map<std::string, double, std::less<>> extents = {};
  std::string why, impact, control;  // reason; impact if it happens; compensating control
  std::string accepted_by, role, issue;
  base::Timestamp created;
  base::Timestamp expires;
  friend bool operator==(const Waiver&, const Waiver&) = default;
};

// Of one fingerprint; nothing where it has none.
std::optional<double> find_extent(const std::map<std::string, double, std::less<>>& extents,
                                  std::string_view fingerprint);

enum class Stance { approve, reject };
std::string_view to_string(Stance stance);

// A person's word about one subject as it was: the digest changes when what was signed changes (reference §7.1).
struct SignOff {
  std::int64_t id = 0;
  std::string subject;  // "C.1", "criterion 4", "launch"
  std::string digest;
  Stance stance = Stance::approve;
  std::string who, role, note;
  base::Timestamp signed_at;
  base::Timestamp expires;
  friend bool operator==(const SignOff&, const SignOff&) = default;
};

struct RunRecord {
  std::string plan_file, plan_digest, gantry_version, environment, decision;
  base::Timestamp started, finished;
  std::int64_t retries = 0;          // failed checks that ran again after a change
  std::int64_t retries_written = 0;  // of this and earlier runs, that the plan now says entropy was spent on
};

// How a store may be opened. `read_only` never creates anything: a workspace without a store gives an empty one.
enum class StoreAccess { read_only, read_write };

// One thread at a time. Two processes may use one store; a lock held longer than 5 s is an environment error.
class EvidenceStore {
 public:
  virtual ~EvidenceStore() = default;

  // Newest evidence of every key that begins with (check, block): candidates for reuse, newest first, at most eight.
  virtual base::Result<std::vector<base::Evidence>> find_by_binding(std::string_view binding_key) = 0;
  // The first that passed and began at `since` or later, of a check and what it is about, or of one binding of it; nothing where there is
  // none.
  struct Passed {
    std::string_view check, subject;
    std::string_view binding_key = {};  // "" for any
    base::Timestamp since;
  };
  virtual base::Result<std::optional<base::Evidence>> find_first(const Passed& passed) = 0;
  // Stores evidence under its binding key; gives it its id. The artifacts' files are written before the row is.
  virtual base::Result<base::Evidence> add(std::string_view binding_key, base::Evidence evidence,
                                           const std::vector<std::pair<base::Artifact, std::string>>& contents) = 0;
  // What an artifact holds. Errors: environment (it is gone), input (it is not what its digest says).
  virtual base::Result<std::string> read(const base::Artifact& artifact) = 0;

  virtual base::Result<Waiver> add(Waiver waiver) = 0;
  virtual base::Result<SignOff> add(SignOff sign_off) = 0;
  virtual base::Result<std::vector<Waiver>> waivers() = 0;     // all, oldest first
  virtual base::Result<std::vector<SignOff>> sign_offs() = 0;  // all, oldest first
  virtual base::Result<void> add(const RunRecord& run) = 0;
  // The retries of earlier runs of that plan which no run has written into it.
  virtual base::Result<std::int64_t> unwritten_retries(std::string_view plan_file) = 0;
};

// `directory` is the workspace's .gantry on the disk.
// Errors: environment (locked, read-only, no permission, disk full), input (corrupt, not a database, from a newer version), each
// with what to do next.
base::Result<std::unique_ptr<EvidenceStore>> open_store(const std::string& directory, StoreAccess access);

}  // namespace gantry::launch
