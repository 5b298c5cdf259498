// The matrix as CSV (RFC 4180): one row for each source, destination and protocol with an open port (docs/formats/net.md).
// Written as it is computed: 10,000 pods that all reach each other are 100 million rows.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::report {

namespace {

constexpr std::string_view kHeader = "src,dst,protocol,ports,verdict_note\n";

std::string field(std::string_view untrusted) {
  const std::string text = inert_line(untrusted);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

// What stands behind source and destination in the rows of one group: one text for each protocol with an open port.
std::vector<std::string> tails_of(const netpol::MatrixPorts& open) {
  std::vector<std::string> tails;
  const std::string note = field(netpol::describe_doubt(open));
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp}) {
    const std::vector<kube::PortRange>& ranges = open.ports.ranges(protocol);
    if (!ranges.empty())
      tails.push_back(fmt::format(",{},{},{}\n", kube::to_string(protocol), join_ranges(ranges, ";"), note));
  }
  return tails;
}

}  // namespace

void write_matrix_csv(const MatrixJob& job) {
  const Axis axis(job.matrix.reach(), job.style.rows);
  std::vector<std::string> names;
  names.reserve(axis.size());
  for (const AxisRow& row : axis.rows()) names.push_back(field(row.name));

  Output output(job.sink);
  bool goes_on = output.write(kHeader);
  for (std::size_t endpoint = 0; goes_on && !job.stop.stop_requested(); ++endpoint) {
    if (endpoint == job.matrix.reach().endpoints().size()) break;
    const std::vector<netpol::MatrixGroup> groups =
        job.matrix.destinations_of(netpol::EndpointId(static_cast<std::uint32_t>(endpoint)));
    std::vector<std::vector<std::string>> tails;
    for (const netpol::MatrixGroup& group : groups) tails.push_back(tails_of(group.open));
    const std::vector<ReachedRow> reached = reached_rows(axis, groups);
    for (std::size_t source = axis.first_of(endpoint); source < axis.first_of(endpoint + 1) && goes_on; ++source) {
      for (const ReachedRow& to : reached) {
        // A pod and itself: no policy has a say. A workload and itself are its replicas.
        if (to.row == source && job.style.rows == MatrixRows::pods) continue;
        for (const std::string& tail : tails[to.group])
          goes_on =
              output.write(names[source]) && output.write(",") && output.write(names[to.row]) && output.write(tail);
      }
    }
  }
  output.flush();
}

}  // namespace gantry::report
