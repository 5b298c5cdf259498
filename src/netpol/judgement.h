#pragma once

// Needs against verdicts (network policy reference, §14.4): what is needed and blocked, what is open and needed by nobody.

#include "base/finding.h"
#include "netpol/endpoint_set.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

// One need, for one pair of endpoint classes. Where the text does not say which of several ports it means, `port` is the most
// open of them.
struct JudgedNeed {
  std::size_t need = 0;  // index into Needs::needs
  EndpointId source;
  EndpointId destination;
  kube::Port port{1};
  Access access = Access::yes;
  // Denied on the container's port though the Service's is open, or the reverse: the open one.
  bool wrong_port = false;
  std::optional<kube::Port> open_instead;
  // A rule of one side opens it, and the other side does not.
  bool half_open = false;
  // Topics of the profile whose other answer would change `access`: those of a flow through a Service, and the others where it was
  // asked (NeedScope::ask_every_topic).
  std::vector<ProfileTopic> depends_on = {};
};

// A need of which one party is not in the input (the cluster's DNS, an ingress controller of another repository, a host by its
// name): only the side of the other can be judged. `depends` when a rule could mean that party.
struct OneSidedNeed {
  std::size_t need = 0;  // index into Needs::needs
  EndpointId known;
  kube::Direction side = kube::Direction::ingress;  // of the known party
  Access access = Access::yes;
};

// A flow that is open and that no need explains, for classes of one pair of workloads (or a region).
struct UnneededOpening {
  EndpointId source;
  EndpointId destination;
  PortSet ports;
  // The larger, the more harm: from outside before from another namespace before from the same; data stores and control ports
  // before others.
  enum class Reach : std::uint8_t { same_namespace, cross_namespace, external };
  Reach reach = Reach::same_namespace;
  bool sensitive = false;
};

struct Judgement {
  std::vector<JudgedNeed> needs;
  std::vector<OneSidedNeed> one_sided;
  std::vector<UnneededOpening> openings;  // widest blast radius first; at most kOpeningsMax
  // net.blocked-need, net.wrong-port, net.half-open, net.undecided-need, net.dns-missing, net.need-dangling,
  // net.unneeded-opening, net.open-to-all (a destination that no policy isolates); each once for what one edit would mend.
  // net.need-profile, once for each topic that some need turns on.
  std::vector<base::Finding> findings;
};

// Pairs that are listed. A cluster without policies has millions, and the findings say it in few words.
inline constexpr std::size_t kOpeningsMax = 20'000;

// Only ports that somebody listens on count as openings: container ports, Service targets and ports of needs; a pod without any
// declared port counts with all.
Judgement judge_needs(const Reachability& reach, const Needs& needs);

// A part of the system, and how sure a need has to be. Absent sets are everybody.
struct NeedScope {
  Confidence confidence_min = Confidence::weak;
  std::optional<EndpointSet> sources;
  std::optional<EndpointSet> destinations;
  // Judges the needs once more for each topic that the policies touch. What only compares judgements does without.
  bool ask_every_topic = false;
};
// The needs that are as sure, from somebody among the sources to somebody among the destinations. Who is not in the input is in
// no set. A need of nobody has only a source.
Needs select_needs(const Reachability& reach, const Needs& needs, const NeedScope& scope);
// The same judgement of that part. Indices are into what select_needs() gives; openings are those that none of `needs` explains,
// however unsure it is.
Judgement judge_needs(const Reachability& reach, const Needs& needs, const NeedScope& scope);

// The endpoints of a party; none when it is not in the input (then no verdict is possible).
std::vector<EndpointId> endpoints_of(const NeedParty& party, const Reachability& reach);

}  // namespace gantry::netpol
