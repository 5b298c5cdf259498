#pragma once

// Reachability as a table: for each endpoint, those it reaches, in groups that are reached alike; and the whole as rectangles
// (network policy reference, §17.10), which is what people can read and what a pull request can compare.

#include "netpol/endpoint_set.h"
#include "netpol/port_set.h"
#include "netpol/profile.h"
#include "netpol/reachability.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::netpol {

// What is open, and how surely.
struct MatrixPorts {
  PortSet ports;    // certainly open, under the profile of the analysis
  PortSet perhaps;  // beyond these: open or not, depending on what the input does not say
  // Topics of the profile whose other answer would change `ports` or `perhaps`.
  std::vector<ProfileTopic> depends_on;
  // A dual-stack cluster in which one family is open and the other is not: such ports are in `perhaps`.
  bool families_differ = false;

  bool empty() const { return ports.empty() && perhaps.empty() && depends_on.empty(); }
  friend auto operator<=>(const MatrixPorts&, const MatrixPorts&) = default;
};

// Why more than `ports` could be open, or less, in one line without commas or line breaks; "" when nothing is unsure.
std::string describe_doubt(const MatrixPorts& ports);

// Destinations that one source reaches alike.
struct MatrixGroup {
  EndpointSet destinations;
  MatrixPorts open;
};

// All of `sources` reach all of `destinations`.
struct MatrixRectangle {
  EndpointSet sources;
  EndpointSet destinations;
  MatrixPorts open;
};

class Matrix {
 public:
  // Keeps the analysis, and one more for each topic of the profile that the input touches.
  explicit Matrix(Reachability reach);

  const Reachability& reach() const { return reach_; }

  // Disjoint, by their first destination; those that are not reached are in none. A class is among its own destinations when it
  // can have two pods. Flows between two regions are left out: no policy of this cluster decides them.
  std::vector<MatrixGroup> destinations_of(EndpointId source) const;

  // By first source, then first destination. A stop that was asked for ends early, with what is there.
  std::vector<MatrixRectangle> rectangles(std::stop_token stop = {}) const;

 private:
  std::vector<MatrixGroup> groups_under(const Reachability& reach, EndpointId source) const;

  Reachability reach_;
  std::vector<std::pair<ProfileTopic, Reachability>> others_;  // the same under one other answer each
};

}  // namespace gantry::netpol
