#pragma once

// The record of one check's run: what it looked at (by digest), what it concluded, when, and until when that is fresh.
// A tick in a document is only ever a view of such a record (shared reference: launch, §1 and §6).

#include "base/finding.h"
#include "base/time.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::base {

// `error` means that the check could not decide; it never counts as pass. `waived` is given by the gate, never by a check.
enum class Verdict { pass, fail, error, waived };
std::string_view to_string(Verdict verdict);
std::optional<Verdict> find_verdict(std::string_view text);

// How the evidence was won. It decides how long it stays fresh, and whether it can prove words such as "applied".
enum class EvidenceClass { static_analysis, rehearsal, live_read, cluster };
std::string_view to_string(EvidenceClass evidence_class);  // "static", "rehearsal", "live-read", "cluster"
std::optional<EvidenceClass> find_evidence_class(std::string_view text);

// One thing that could change the result. `digest` is "sha256:<hex>", or the value itself for options and facts.
struct EvidenceInput {
  std::string name = {};    // "file:manifests/nats/pdb.yaml", "list:manifests/", "option:context", "tool:kubectl"
  std::string digest = {};  // "absent" for a file that was looked for and not there
  friend auto operator<=>(const EvidenceInput&, const EvidenceInput&) = default;
};

struct Metric {
  std::string name = {};  // the unit stands last: "pods_selected_count", "latency_ms_p95"
  double value = 0;
  friend bool operator==(const Metric&, const Metric&) = default;
};

// A file kept under .gantry/artifacts/, named by its SHA-256.
struct Artifact {
  std::string name = {};        // "rendered.yaml"
  std::string sha256 = {};      // lower-case hex
  std::string media_type = {};  // "application/yaml"
  friend bool operator==(const Artifact&, const Artifact&) = default;
};

// The state of the workspace that was looked at, as git names it. It says where evidence comes from, for people and for other
// machines; whether it still holds is decided by its inputs.
struct SourceTree {
  std::string commit = {};  // lower-case hex
  std::string tree = {};    // of that commit
  bool is_dirty = false;    // files differed from the commit: then the inputs alone say what was looked at
  friend bool operator==(const SourceTree&, const SourceTree&) = default;
};

struct Evidence {
  std::string id = {};       // digest of the record, set by the store
  std::string key = {};      // digest of (check, block, input digests, engine version); equal keys mean reusable
  std::string check = {};    // "net.only"
  std::string subject = {};  // what it is about, for people: "NATS 4222 in kgents-agents"
  std::vector<EvidenceInput> inputs = {};  // sorted by name
  std::string engine_version = {};
  EvidenceClass evidence_class = EvidenceClass::static_analysis;
  std::optional<SourceTree> source = {};  // none: git does not know the workspace
  Verdict verdict = Verdict::error;
  std::string summary = {};  // one line: what was proved, or what was not
  std::vector<Finding> findings = {};
  // Of findings that may get worse, by fingerprint: how bad they are, in steps that make a difference.
  std::map<std::string, double, std::less<>> extents = {};
  std::vector<Metric> metrics = {};
  std::vector<Artifact> artifacts = {};
  Timestamp started = {};
  Timestamp finished = {};
  std::optional<Timestamp> fresh_until = {};  // none: fresh until an input changes

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

}  // namespace gantry::base
