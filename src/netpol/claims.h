#pragma once

// Statements about reachability that are proved or refuted (network policy reference, §16).
//
//   only      nobody but the sources reaches the ports of the destinations; and those who are needed do
//   never     none of the sources reaches them
//   must      every source reaches them
//   isolated  nobody at all reaches the destinations, or is reached by them: no rule admits anyone
//   equal, contained  two policy sets allow the same flows; the one allows none that the other does not (policy_sets.h)
//
//   const std::vector<Claim> claims = TRY(parse_claims(document));
//   AnalysisOptions options;
//   add_to(options.endpoints, claims);                           // what the claims name is told apart
//   const Reachability reach = TRY(analyse(snapshot, options));
//   const ClaimResult result = TRY(judge_claim(reach, claims[0]));
//
// Closed world: over the endpoints that the snapshot has, and every address. Open world: over every namespace and pod that
// could ever be created as well, which is what "only" means to people; a refutation then names the labels of one that would break
// the claim. A destination that is named is one that is there; one that is meant by its labels is in the open world also whoever
// could come with them.

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "netpol/profiles.h"
#include "netpol/reachability.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

enum class ClaimKind : std::uint8_t { only, never, must, isolated, equal, contained };
std::string_view to_string(ClaimKind kind);
std::span<const ClaimKind> claim_kinds();
std::optional<ClaimKind> find_claim_kind(std::string_view name);
// Of two policy sets, not of parties: judged by judge_sets() instead of judge_claim().
bool is_about_sets(ClaimKind kind);
enum class World : std::uint8_t { closed, open };
std::string_view to_string(World world);

// Pods by name or by labels, or a range of addresses. One of: `workload`; `range`; or any of the other three, all of which must
// hold.
struct Party {
  std::optional<std::string> workload;  // "shop/web": a workload, or a pod
  std::optional<kube::Cidr> range;
  std::optional<std::string> name_space;          // exactly this namespace
  std::optional<kube::LabelSelector> namespaces;  // absent: every namespace
  std::optional<kube::LabelSelector> pods;        // absent: every pod
  base::SourcePos where;

  // "namespace/workload", "namespace/pod", "namespace/*", an address or CIDR, or "labels(ns: a=b, pod: c=d)" with selectors as
  // kubectl takes them. Errors: input.
  static base::Result<Party> parse(std::string_view text);
};
std::string to_string(const Party& party);  // what parse() takes
std::string describe(const Party& party);   // for people: "pods app=web of namespaces tier=front"

struct ClaimPort {
  kube::Protocol protocol = kube::Protocol::tcp;
  // Of the container; a Service's own port never arrives there (§8). Absent: every port of the protocol.
  std::optional<kube::PortRef> port;
  base::SourcePos where;
};
std::string to_string(const ClaimPort& port);  // "4222/TCP", "client/TCP", "every UDP port"

struct Claim {
  ClaimKind kind = ClaimKind::only;
  // Absent: who is there decides; who could come is told, as a finding that refutes nothing.
  std::optional<World> world;
  std::string name;  // for people; may be empty
  std::vector<Party> destinations;
  std::vector<ClaimPort> ports;  // empty: every port
  std::vector<Party> sources;
  std::vector<Party> needed;                             // with `only`: those who must as well
  kube::Direction direction = kube::Direction::ingress;  // of `isolated`
  // Of `equal` and `contained`: where each set is, for the caller to read. Without `policies`, those that are checked.
  std::string policies = {};
  std::string others = {};
  std::vector<kube::Cidr> pod_ranges;  // where pods get their addresses
  PluginChoice plugin = {};            // for the caller to analyse by
  base::SourcePos where;
};
std::string to_string(const Claim& claim);  // "only shop/web -> shop/db:5432/TCP"

// A claim as a plan's block or a claims file writes it (docs/formats/net-claims.md). Errors: input, with position and the
// nearest right key.
base::Result<Claim> parse_claim(const base::Node& node, ClaimKind kind);
// A file of claims: a list of maps with `claim: only`, or another kind. Errors: input, when one cannot be read.
base::Result<std::vector<Claim>> parse_claims(const base::Node& document);
// Each for itself, so that one which cannot be read hides no other. Errors: input, when it is no such list, or an empty one.
base::Result<std::vector<base::Result<Claim>>> parse_each_claim(const base::Node& document);

// Parties as claims write them, for whoever else asks about some: the block's `key` holds one, or a list of them. Errors: input.
base::Result<std::vector<Party>> parse_parties(const base::Node& block, std::string_view key);
// A port in the same form: 5432, metrics, 53/UDP. Errors: input.
base::Result<ClaimPort> parse_claim_port(const base::Node& node);
// Everyone whom they mean, certainly or perhaps. Errors: input, with the nearest right name, when one of them means nobody.
base::Result<EndpointSet> find_members(const std::vector<Party>& parties, const Reachability& reach);

// What must be told apart so that the claims can be judged: ranges and selectors that they name. Call it before analyse().
void add_to(EndpointOptions& options, const std::vector<Claim>& claims);

enum class ClaimVerdict : std::uint8_t { proved, refuted, depends };
std::string_view to_string(ClaimVerdict verdict);

// One flow that is not as the claim says: open where it must not be, or the reverse.
struct Counterexample {
  std::string source;  // "Deployment shop/web", "203.0.113.0/24", "any pod labelled app=web in a namespace …"
  std::string destination;
  PortSet ports;
  Access access = Access::yes;      // of the flow; `depends` refutes nothing, and proves nothing
  World world = World::closed;      // closed: somebody who is there; open: somebody who could come
  std::string name_space;           // of a stranger of the open world
  kube::LabelSet namespace_labels;  // such labels, of a namespace that would do
  kube::LabelSet pod_labels;
  std::string allowed_by = {};     // the policy set in which it is open, of two
  std::optional<Explanation> why;  // of one such flow, for those who are there
  std::vector<RulePlace> rules;    // that admit it, or of each isolating policy the nearest
};

struct ClaimResult {
  ClaimVerdict verdict = ClaimVerdict::proved;
  std::string summary;  // one line, of what holds or of the worst that does not
  // One for each pair of workloads, way and side, at most kCounterexamplesMax.
  std::vector<Counterexample> counterexamples;
  // net.KIND-violated, net.KIND-depends, net.KIND-open-world, net.KIND-host-network; net.must-blocked, net.must-depends, and for
  // those who are `needed` net.needed-blocked, net.needed-depends, net.needed-open-world; net.claim-profile.
  std::vector<base::Finding> findings;
  // Topics of the profile whose other answer would turn the verdict.
  std::vector<ProfileTopic> depends_on;

  std::size_t flows_decided = 0;       // pairs of classes and port sets that were looked at
  std::size_t workloads = 0;           // that have pods
  std::size_t workloads_reaching = 0;  // any of the destinations, on any of the ports
  std::size_t needed_open = 0;         // pairs of workloads, of `must` and `needed`
  std::size_t needed_blocked = 0;
};

inline constexpr std::size_t kCounterexamplesMax = 100;

// Errors: input, at the claim, with the nearest right name, when it names a namespace, workload, label or port that nothing
// has: a claim about nothing would hold. Or when the open world has more cases than can be looked at.
base::Result<ClaimResult> judge_claim(const Reachability& reach, const Claim& claim);

// Who reaches what of the claim's destinations, workload by workload: for people who want to see more than a verdict.
struct ClaimRow {
  std::string destination;
  std::string source;
  enum class Standing : std::uint8_t { other, named, needed };
  Standing standing = Standing::other;
  bool scaled_to_zero = false;
  // Of the ports that the claim is about:
  PortSet open = {};     // for every pod of both
  PortSet some = {};     // for some of them only
  PortSet depends = {};  // nobody can say for some of them
};
struct ClaimTable {
  std::vector<PortSet> columns;  // ports that are open for the same pods, all protocols; in order
  std::vector<ClaimRow> rows;    // by destination and source
};
// Errors: as judge_claim.
base::Result<ClaimTable> tabulate(const Reachability& reach, const Claim& claim);

}  // namespace gantry::netpol
