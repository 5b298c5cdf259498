#pragma once

// Edits of policies as typed values: how a snapshot looks once they are made, how they are written as YAML, and what they cost.

#include "kube/network.h"
#include "kube/snapshot.h"
#include "netpol/proposals.h"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

// `edit` says which kind and place; the member that belongs to the kind holds what is added.
struct TypedEdit {
  PolicyEdit edit;
  std::optional<kube::PolicyPeer> peer;
  std::optional<kube::PolicyPort> port;
  std::optional<kube::PolicyRule> rule;
  std::optional<kube::NetworkPolicy> policy;
};

bool is_removal(PolicyEdit::Kind kind);

// The snapshot with all edits made. Places are those of `before`, whatever else is edited. A rule that loses its last peer or port
// goes as a whole: an empty list would admit everybody.
kube::Snapshot apply(const kube::Snapshot& before, const std::vector<TypedEdit>& edits);

// What makes one set of edits better than another that does the same: fewer new objects, then fewer new rules, then fewer edits,
// then fewer words in them.
struct EditCost {
  std::size_t objects = 0;
  std::size_t rules = 0;
  std::size_t edits = 0;
  std::size_t parts = 0;
  friend auto operator<=>(const EditCost&, const EditCost&) = default;
};
EditCost cost_of(const std::vector<TypedEdit>& edits);

// ---- As YAML: block style, two spaces, without a line feed at the end ----

std::string yaml_of(const kube::PolicyPeer& peer);
std::string yaml_of(const kube::PolicyPort& port);
std::string yaml_of(const kube::PolicyRule& rule, kube::Direction direction);
std::string yaml_of(const kube::NetworkPolicy& policy);

}  // namespace gantry::netpol
