#pragma once

// All flows at one of their two ends: every endpoint with what its policies let through in one direction. Endpoints to which the
// same policies apply form a group and share a row (network policy reference, §17.6).

#include "netpol/row.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

namespace gantry::netpol {

class Side {
 public:
  // `policies` and `endpoints` must outlive it.
  Side(const CompiledPolicies& policies, const Endpoints& endpoints, kube::Direction direction, const Profile& profile);

  // Whom the endpoint lets through: everybody where no policy applies.
  const Row& row_of(EndpointId endpoint) const;
  // Those who let the peer through, as a row: parts may overlap.
  Row admitting(EndpointId peer) const;
  // The policies that apply to an endpoint; none when it is not policed.
  const std::vector<Applied>& applied_to(EndpointId endpoint) const;
  std::size_t group_count() const { return groups_.size(); }

 private:
  struct Group {
    GroupQuestion question;
    EndpointSet members;
    Row row;
  };
  // One set of peers that rows have, and who lets these through on which ports.
  struct Admitting {
    EndpointSet peers;
    bool is_certain = true;
    std::vector<std::pair<PortSet, EndpointSet>> members;
  };

  void group(const CompiledPolicies& policies, const Endpoints& endpoints, const Profile& profile);
  void index_rows();
  void index(const EndpointSet& peers, bool is_certain, const PortSet& ports, const EndpointSet& members,
             std::unordered_multimap<std::size_t, std::uint32_t>& by_hash);

  kube::Direction direction_;
  Row everybody_;  // of endpoints that no policy applies to
  EndpointSet free_;
  std::vector<Group> groups_;
  std::vector<std::optional<std::uint32_t>> group_of_;
  std::vector<Admitting> admitting_;
  std::vector<std::vector<std::uint32_t>> small_sets_of_;  // by endpoint: sets in admitting_ that hold it
  std::vector<std::uint32_t> large_sets_;
};

}  // namespace gantry::netpol
