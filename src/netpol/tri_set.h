#pragma once

// A set of which membership is known for some endpoints only: those certainly in it, and those possibly in it.

#include "netpol/endpoint_set.h"

#include <utility>

namespace gantry::netpol {

struct TriSet {
  EndpointSet certain;  // always within `possible`
  EndpointSet possible;

  TriSet() = default;
  // Nothing unknown: both share their bits, which the operations below notice.
  explicit TriSet(const EndpointSet& known) : certain(known), possible(known) {}
  TriSet(EndpointSet certain_in, EndpointSet possible_in)
      : certain(std::move(certain_in)), possible(std::move(possible_in)) {}

  bool empty() const { return possible.empty(); }
  bool is_known() const { return certain.shares(possible); }
  // Both bounds.
  bool contains(const TriSet& other) const {
    return certain.contains(other.certain) && (other.is_known() || possible.contains(other.possible));
  }

  TriSet united(const TriSet& other) const {
    if (is_known() && other.is_known()) return TriSet(certain.united(other.certain));
    return {certain.united(other.certain), possible.united(other.possible)};
  }
  TriSet intersected(const TriSet& other) const {
    if (is_known() && other.is_known()) return TriSet(certain.intersected(other.certain));
    return {certain.intersected(other.certain), possible.intersected(other.possible)};
  }
  TriSet intersected(const EndpointSet& other) const { return intersected(TriSet(other)); }
  TriSet without(const EndpointSet& other) const {
    return is_known() ? TriSet(certain.without(other)) : TriSet(certain.without(other), possible.without(other));
  }
  friend bool operator==(const TriSet& a, const TriSet& b) {
    return a.certain == b.certain && a.possible == b.possible;
  }
};

}  // namespace gantry::netpol
