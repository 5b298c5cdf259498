#pragma once

// Sets of endpoints: compressed bitmaps (CRoaring), small where nearly all or hardly any are in. A value; copies share until
// one changes.

#include "netpol/endpoints.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace gantry::netpol {

class EndpointSet {
 public:
  EndpointSet();  // empty
  ~EndpointSet();
  EndpointSet(const EndpointSet& other);
  EndpointSet(EndpointSet&& other) noexcept;
  EndpointSet& operator=(const EndpointSet& other);
  EndpointSet& operator=(EndpointSet&& other) noexcept;

  // first, first+1, …, last-1.
  static EndpointSet range(std::size_t first, std::size_t last);
  static EndpointSet of(const std::vector<EndpointId>& ids);
  // All of them together, however many they are.
  static EndpointSet union_of(std::span<const EndpointSet* const> sets);

  void add(EndpointId id);
  bool empty() const;
  std::size_t size() const;
  bool contains(EndpointId id) const;
  bool contains(const EndpointSet& other) const;
  bool meets(const EndpointSet& other) const;

  EndpointSet united(const EndpointSet& other) const;
  EndpointSet intersected(const EndpointSet& other) const;
  EndpointSet without(const EndpointSet& other) const;
  void unite(const EndpointSet& other);

  // Whether both are one copy: equal for certain, and for nothing.
  bool shares(const EndpointSet& other) const { return impl_ == other.impl_; }
  // Of this copy and those that share with it, as long as one of them lives unchanged.
  const void* identity() const { return impl_.get(); }

  std::vector<EndpointId> ids() const;  // ascending
  std::optional<EndpointId> first() const;
  std::size_t hash() const;  // remembered by all copies
  friend bool operator==(const EndpointSet& a, const EndpointSet& b);

 private:
  struct Impl;
  static EndpointSet wrap(std::shared_ptr<Impl> impl);
  Impl& own();

  std::shared_ptr<Impl> impl_;  // null: empty; never an empty one
};

}  // namespace gantry::netpol
