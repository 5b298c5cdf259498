#pragma once

// Everything that could be the labels of something nobody has made yet: one constraint for each key (network policy reference,
// §16). A selector narrows it; what remains is never empty, and an example of it can be named. Each key stands alone, so no
// solver is needed for a conjunction.

#include "kube/labels.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace gantry::netpol {

// The requirement that holds exactly where the other does not.
kube::Requirement negated(const kube::Requirement& requirement);

class LabelBox {
 public:
  using Values = std::set<std::string, std::less<>>;

  // Leaves only what meets the requirement; false, and the box is spent, when that is nothing.
  bool add(const kube::Requirement& requirement);
  bool add(const kube::LabelSelector& selector);
  // None of the values may be the key's; shared, so that a box with thousands of them is cheap to copy.
  void forbid(std::string_view key, std::shared_ptr<const Values> values);

  // Whether all, none or some of what the box holds meets the requirement.
  kube::Match match(const kube::Requirement& requirement) const;
  kube::Match match(const kube::LabelSelector& selector) const;

  // The fewest labels that meet everything that was added. A value nobody asked for is "any", or "any-2" where that is taken.
  kube::LabelSet example() const;
  // Whether only some values of the key remain.
  bool lists(std::string_view key) const;
  // " labelled a=b|c, d, without e, f=g"; "" when anything will do. Without the key `hidden`.
  std::string text(std::string_view hidden = {}) const;

 private:
  enum class Presence : std::uint8_t { open, required, forbidden };
  struct Key {
    Presence presence = Presence::open;
    std::optional<Values> values;  // absent: any that is not excluded
    Values excluded;
    std::shared_ptr<const Values> taken;  // excluded as well

    bool excludes(const std::string& value) const {
      return excluded.contains(value) || (taken && taken->contains(value));
    }
    bool keep(const std::vector<std::string>& listed);
    bool drop(const std::vector<std::string>& listed);
    bool require(Presence wanted);
    kube::Match match_in(const std::vector<std::string>& listed) const;
    kube::Match match_exists() const;
    std::string any_value() const;
  };
  std::map<std::string, Key, std::less<>> keys_;
};

}  // namespace gantry::netpol
