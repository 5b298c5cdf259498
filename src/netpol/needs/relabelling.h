#pragma once

// Prometheus' relabelling: rules that rewrite the labels of a target, or drop it (Prometheus: configuration, relabel_config).
// Jobs that scrape by annotation are written in it, so whom they scrape can only be said by running it.

#include "base/node.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

using TargetLabels = std::map<std::string, std::string, std::less<>>;

class Relabelling {
 public:
  Relabelling();  // no rules
  // A list of rules. One that is no valid rule is left out: Prometheus would not start with it.
  static Relabelling parse(const base::Node* list);

  // False when a rule drops the target. Rules about a label that only a running Prometheus knows (`hashmod`) keep it.
  bool apply(TargetLabels& labels) const;

 private:
  struct Rule;
  std::vector<std::shared_ptr<const Rule>> rules_;
};

// A label name of Prometheus: '_' for every byte that may not be in one.
std::string label_name(std::string_view prefix, std::string_view key);

}  // namespace gantry::netpol
