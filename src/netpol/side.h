#pragma once

// All flows at one of their two ends: every endpoint with what its policies let through in one direction. Endpoints to
// which the same policies apply form a group and share a row (network policy reference, §17.6).

#include "netpol/row.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::netpol {

class Side {
 public:
  // `policies` and `endpoints` must outlive the constructor only.
  Side(const CompiledPolicies& policies, const Endpoints& endpoints, kube::Direction direction);
  // What it is after one policy has changed for some endpoints: those that it applied to, or applies to now. Only these
  // are looked at again.
  Side(const Side& before, const CompiledPolicies& policies, const Endpoints& endpoints, std::uint32_t changed,
       const EndpointSet& for_whom);
  // What it is when rules of these policies (by index) mean something else and apply to the same endpoints: only their
  // groups' rows are computed again.
  Side(const Side& before, const CompiledPolicies& policies, const std::vector<bool>& changed);

  // Whom the endpoint lets through: everybody where no policy applies.
  const Row& row_of(EndpointId endpoint) const;
  // The ports of its parts together.
  const PortSet& open_ports_of(EndpointId endpoint) const;
  // Those who let the peer through on some of the ports, as a row: parts may overlap, and reach beyond those ports.
  Row admitting(EndpointId peer, const PortSet& among) const;
  // The policies that apply to an endpoint; none when it is not policed.
  const std::vector<Applied>& applied_to(EndpointId endpoint) const;
  std::size_t group_count() const;
  // Whether one of these policies, by index, applies to anybody.
  bool asks_any(const std::vector<bool>& policies) const;

 private:
  struct Group {
    GroupQuestion question;
    EndpointSet members;
    Row row;
    PortSet open = {};  // of all parts
  };
  // One set of peers that rows have, and who lets these through on which ports.
  struct Admitting {
    EndpointSet peers;
    bool is_certain = true;
    std::vector<std::pair<PortSet, EndpointSet>> members;
  };
  // The sets of peers in the making, found by what is in them. Points into groups.
  struct RowIndex {
    using Members = std::vector<std::pair<const PortSet*, std::vector<const EndpointSet*>>>;
    std::unordered_multimap<std::size_t, std::uint32_t> by_hash;
    std::vector<Members> members;  // of each in admitting_
  };
  // Groups in the making, found by all that makes endpoints alike.
  struct Groups {
    std::vector<Group> all;
    std::unordered_map<std::string, std::size_t> by_key;
  };

  void add_to_group(const Endpoints& endpoints, EndpointId endpoint, std::vector<Applied> applied,
                    bool is_beyond_baseline, Groups& groups) const;
  void add(const CompiledPolicies& policies, Groups groups);
  static bool asks_any(const Group& group, const std::vector<bool>& policies);
  void leave_groups(const EndpointSet& leaving);
  void index_rows(std::size_t first_own);
  EndpointSet index(const EndpointSet& peers, bool is_certain, const PortSet& ports, const Group& group,
                    RowIndex& found);

  kube::Direction direction_;
  EndpointSet universe_;
  Row everybody_;  // of endpoints that no policy applies to
  EndpointSet free_;
  std::vector<std::shared_ptr<Group>>
      groups_;  // null: all members have left; shared with the sides before and after a change
  std::vector<std::optional<std::uint32_t>> group_of_;
  std::vector<Admitting> admitting_;
  std::vector<std::vector<std::uint32_t>> small_sets_of_;  // by endpoint: sets in admitting_ that hold it
  std::vector<std::uint32_t> large_sets_;
};

// What one endpoint lets through, without a Side.
Row compute_row_of(const CompiledPolicies& policies, EndpointId endpoint, kube::Direction direction);

}  // namespace gantry::netpol
