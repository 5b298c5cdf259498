#pragma once

// The smallest edits that admit the blocked needs and close the unneeded openings (network policy reference, §16), verified: the
// edited snapshot is analysed again, and an edit that opens anything else is not proposed.

#include "base/result.h"
#include "netpol/judgement.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

struct PolicyEdit {
  enum class Kind : std::uint8_t { add_port, add_peer, add_rule, add_policy, remove_port, remove_peer, remove_rule };
  Kind kind = Kind::add_rule;
  kube::ObjectId policy;           // which, or the new one's
  RulePlace place;                 // of the edited or removed part
  std::string yaml;                // what is added: a peer, a port, a rule, or a whole object
  std::string reason;              // "admits kgents-infra/kgent-api -> kgents-agents/nats 4222/TCP (NATS_URL …)"
  std::vector<std::size_t> needs;  // indices into Needs::needs that it admits
};

struct Proposal {
  std::vector<PolicyEdit> edits;  // in a safe order to apply: what admits comes before what closes
  // The snapshot with the edits made, and what that changes: verified to open only needs and to close only what is unneeded.
  kube::Snapshot after;
  std::vector<std::string> excess;  // flows that had to be opened beside the needs; empty unless nothing smaller exists
  std::vector<std::size_t> unmet;   // needs that no NetworkPolicy can admit (an administrator's deny)
  // Blocked needs of which one end is not in the snapshot (the cluster's DNS): no edit for them could be verified.
  std::vector<std::size_t> unproposed;
};

// What is blocked and known by weak evidence alone is no reason to open anything; what is open and known so stays open.
struct ProposalOptions {
  bool admit_blocked = true;
  bool close_unneeded = true;
};

base::Result<Proposal> propose(const Reachability& reach, const Needs& needs, const Judgement& judgement,
                               const ProposalOptions& options = {});

// One file as the edits make it, and the difference as a unified diff that `git apply` and `patch -p1` take.
struct FilePatch {
  std::string path;  // as positions name it
  bool is_new = false;
  std::string content;
  std::string diff;
};

struct PatchSet {
  std::vector<FilePatch> files;
  // Indices into Proposal::edits: what must go from policies that no file holds as they are, where they are generated.
  std::vector<std::size_t> by_hand;
};

// Gives the text of a file by the name that positions have. Errors: those of reading.
using ReadFile = std::function<base::Result<std::string>(const std::string& path)>;

// The edits as text: lines put into the files that the policies were read from, indented as their neighbours are, comments kept.
// What no plain manifest holds as it is (policies that a kustomization's patches or generators made, JSON, flow style) and what is new
// goes into `new_objects`, behind what that file holds already. Each text is read back and must give the policies of
// `proposal.after`. Errors: those of `read`.
base::Result<PatchSet> write_patches(const kube::Snapshot& before, const Proposal& proposal, const ReadFile& read,
                                     const std::string& new_objects);

// The order in which the policies of a set can be applied without a moment of outage or opening: allow before deny (§10).
std::vector<kube::ObjectId> safe_apply_order(const kube::Snapshot& before, const kube::Snapshot& after);

}  // namespace gantry::netpol
