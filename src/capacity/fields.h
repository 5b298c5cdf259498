#pragma once

// Strict reading of maps that people write: every key is known, of the right kind and within its bounds, or the error names the
// place and the nearest right key. Private to capacity.

#include "base/node.h"
#include "base/result.h"
#include "kube/quantity.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::capacity {

// Inclusive.
struct Range {
  double min = 0;
  double max = 1e12;  // above any rate, count or size that a cluster has
};

// A map whose keys are all known. Refers to the node, which must outlive it.
class Fields {
 public:
  // `what` names the map in messages: "pod", "target". Errors: input: no map, an unknown key.
  static base::Result<Fields> open(const base::Node& node, std::string_view what,
                                   std::span<const std::string_view> known);

  // Absent and null are nothing. Errors: input, with position: another kind, out of range.
  base::Result<std::optional<double>> number(std::string_view key, Range range = {}) const;
  base::Result<std::optional<std::int64_t>> integer(std::string_view key, Range range = {}) const;
  base::Result<std::optional<std::chrono::milliseconds>> duration(std::string_view key) const;
  base::Result<std::optional<kube::Quantity>> quantity(std::string_view key) const;
  base::Result<std::optional<std::string>> text(std::string_view key) const;
  const base::Node* node(std::string_view key) const;

  // The same for keys without which nothing can be said.
  base::Result<double> required_number(std::string_view key, Range range = {}) const;
  base::Result<std::chrono::milliseconds> required_duration(std::string_view key) const;

  const base::SourcePos& pos() const { return node_->pos(); }
  const std::string& what() const { return what_; }

 private:
  Fields(const base::Node& node, std::string_view what) : node_(&node), what_(what) {}
  std::unexpected<base::Error> wrong(std::string_view key, const base::Node& value, std::string_view must) const;
  std::unexpected<base::Error> missing(std::string_view key) const;

  const base::Node* node_;
  std::string what_;
};

// One of some words. Errors: input, with the nearest.
base::Result<std::size_t> find_word(std::string_view word, std::span<const std::string_view> words,
                                    std::string_view what, const base::SourcePos& where);

}  // namespace gantry::capacity
