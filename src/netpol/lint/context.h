#pragma once

// What every lint is given, and how it reports.

#include "base/finding.h"
#include "netpol/lint.h"
#include "netpol/lint/index.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace gantry::netpol::linting {

struct SelectorProblem;
struct BlockedNeed;

struct Context {
  const Reachability& reach;
  const Needs& needs;
  const kube::Snapshot& snapshot;
  const Index& index;
  const std::vector<SelectorProblem>& selector_problems;  // selector_problems.h
  const std::vector<BlockedNeed>& blocked_needs;          // needs_view.h; empty while they are searched
};

// Takes the findings of one rule. One mistake is one finding: the same again becomes a related place.
class Report {
 public:
  Report(const LintRule& rule, std::vector<base::Finding>& findings) : rule_(rule), findings_(findings) {}

  // `fix` in the imperative, or "". Severity and explanation are the rule's; the caller may change both, and add places. The
  // reference holds until the next call.
  base::Finding& add(std::string object, base::SourcePos where, std::string message, std::string fix = {});
  // The same for a mistake that several objects share.
  base::Finding& add_shared(const std::string& mistake, std::string object, base::SourcePos where, std::string message,
                            std::string fix = {});

 private:
  const LintRule& rule_;
  std::vector<base::Finding>& findings_;
  std::unordered_map<std::string, std::size_t> known_;  // by mistake: indices into the findings
  base::Finding surplus_;                               // what is beyond kLintFindingsMax
};

// "ingress[0] of NetworkPolicy shop/web" is `rule_name`; with ".from[1]" it is `peer_name`.
std::string rule_name(const kube::NetworkPolicy& policy, kube::Direction direction, std::size_t rule);
std::string list_key(kube::Direction direction);  // "from" or "to"
std::string name_of(const kube::NetworkPolicy& policy);
// "8080/TCP", "http/TCP", "8000-8100/TCP", "every TCP port"
std::string describe(const kube::PolicyPort& port);
// "8080/TCP, 53/UDP", "every port"
std::string describe_ports(const kube::PolicyRule& rule);
// "{protocol: TCP, port: 8080}"
std::string yaml(const kube::PolicyPort& port);
// "a, b and c", without repeats, in order; past `max` names "a, b and others".
std::string join_names(const std::vector<std::string>& names, std::size_t max = 5);

// Whether the entry holds the port on pods of that spec (names are looked up there).
bool holds(const kube::PolicyPort& entry, kube::Protocol protocol, kube::Port port, const kube::PodSpec& spec);
bool holds(const kube::PolicyRule& rule, kube::Protocol protocol, kube::Port port, const kube::PodSpec& spec);

// The pods' ports: of containers and sidecars.
std::vector<const kube::ContainerPort*> ports_of(const kube::PodSpec& spec);

// ---- Places in the document that a policy was read from ----

// The node of the list whose place it is; null when it is not there.
const base::Node* find_at(const base::Node* list, const base::SourcePos& where);
const base::Node* rule_node(const kube::NetworkPolicy& policy, kube::Direction direction, const kube::PolicyRule& rule);
const base::Node* peer_node(const kube::NetworkPolicy& policy, kube::Direction direction, const kube::PolicyRule& rule,
                            const kube::PolicyPeer& peer);
// Where a requirement is written: the value of its label, or its expression. `otherwise` when it is not there.
base::SourcePos place_of(const base::Node* selector, const kube::Requirement& requirement,
                         const base::SourcePos& otherwise);
// Where a member's value is, or `otherwise`.
base::SourcePos place_of(const base::Node* map, std::string_view key, const base::SourcePos& otherwise);

}  // namespace gantry::netpol::linting
