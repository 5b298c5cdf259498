#pragma once

// The network policy reference, row by row: tests/netpol/scenarios (its README says how they are written). A scenario is objects,
// one question about them, and the answer that a person wrote down.

#include "base/node.h"
#include "kube/snapshot.h"
#include "netpol/netpol.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// "shop/web -> 192.0.2.1:53/UDP", and behind it "over IPv6".
struct AskedFlow {
  std::string source;
  std::string destination;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  kube::IpFamily family = kube::IpFamily::v4;
  std::string destination_and_port;  // as the command line takes it

  static AskedFlow parse(std::string_view text);
};

struct Scenario {
  std::string name;
  std::vector<std::string> rows;  // "2.1/3": section, and the row or bullet of it
  std::vector<base::Node> documents;
  std::vector<base::Node> others;  // of the second policy set
  AnalysisOptions options;
  base::Node written;  // the question and its answer
  std::string where;

  std::string text(std::string_view key) const { return std::string(written.text(key)); }
  std::vector<std::string> list(std::string_view key) const;
  bool has(std::string_view key) const { return written.get(key) != nullptr; }
};

// "02-isolation", … in order.
std::vector<std::string> scenario_files();
std::vector<Scenario> read_scenarios(const std::string& file);
// The lines of a README's table: "| 2.1/3 | what the row says | `scenario`, … |".
std::vector<std::string> index_rows();

}  // namespace gantry::netpol
