#pragma once

// The rows and columns of a matrix: workloads, or their pods one by one, and regions of addresses.

#include "netpol/netpol.h"
#include "report/net.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gantry::report {

struct AxisRow {
  std::string name;        // "shop/web", "shop/web-0", "10.0.0.0/8"; inert
  std::string name_space;  // "" for addresses
  netpol::EndpointId endpoint;
};

// In the order of endpoints, the rows of one endpoint side by side. A workload scaled to zero has no pods and so no row among
// pods.
class Axis {
 public:
  Axis(const netpol::Reachability& reach, MatrixRows rows);

  const std::vector<AxisRow>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  // The rows of an endpoint are [first_of(id), first_of(id + 1)).
  std::size_t first_of(std::size_t endpoint) const { return first_of_[endpoint]; }
  std::vector<std::string> names_of(const netpol::EndpointSet& set) const;
  std::size_t count_of(const netpol::EndpointSet& set) const;

 private:
  std::vector<AxisRow> rows_;
  std::vector<std::size_t> first_of_;  // one more than there are endpoints
};

// Who is reached from one endpoint, by row: ascending, unreached ones left out.
struct ReachedRow {
  std::size_t row = 0;
  std::size_t group = 0;  // index into the groups
};
std::vector<ReachedRow> reached_rows(const Axis& axis, const std::vector<netpol::MatrixGroup>& groups);

// What one cell of a picture says.
enum class Openness : std::uint8_t { closed, some_ports, every_port, unsure };
Openness openness_of(const netpol::MatrixPorts& open);

// Collects small pieces into large ones for a sink.
class Output {
 public:
  explicit Output(const Sink& sink) : sink_(sink) {}
  // False as soon as the sink takes no more.
  bool write(std::string_view text);
  bool flush();

 private:
  const Sink& sink_;
  std::string buffer_;
  bool is_open_ = true;
};

// "80, 443, 8000-8010" of one protocol, with another separator where commas mean something.
std::string join_ranges(const std::vector<kube::PortRange>& ranges, std::string_view separator);

}  // namespace gantry::report
