// What a rehearsal takes as given, from one map or from two: a block and, where it says nothing, `drain:` of gantry.yaml.

#include "base/time.h"
#include "disruption/given.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace gantry::disruption {

using base::Node;
using base::Result;

namespace {

class Givens {
 public:
  Givens(const Node& first, const Node& otherwise) : first_(first), otherwise_(otherwise) {}

  const Node* find(std::string_view key) const {
    if (const Node* own = first_.get(key)) return own;
    return otherwise_.get(key);
  }
  Result<bool> flag(std::string_view key, bool absent = false) const {
    const Node* node = find(key);
    if (!node) return absent;
    if (!node->is_bool()) return wrong(*node, key, "true or false");
    return node->boolean();
  }
  Result<std::optional<std::chrono::seconds>> time(std::string_view key) const {
    const Node* node = find(key);
    if (!node) return std::nullopt;
    if (!node->is_string()) return wrong(*node, key, "a duration such as 90s or 10m");
    const Result<std::chrono::milliseconds> time = base::parse_duration(node->string());
    if (!time) return base::input_error(time.error().message, node->pos(), time.error().help);
    return std::chrono::ceil<std::chrono::seconds>(*time);
  }
  Result<std::optional<kube::LabelSelector>> selector(std::string_view key) const {
    const Node* node = find(key);
    if (!node) return std::nullopt;
    if (!node->is_string()) return wrong(*node, key, "a label selector such as app=web");
    Result<kube::LabelSelector> parsed = kube::LabelSelector::parse_text(node->string());
    if (!parsed) return base::input_error(parsed.error().message, node->pos(), parsed.error().help);
    return *std::move(parsed);
  }

 private:
  static std::unexpected<base::Error> wrong(const Node& node, std::string_view key, std::string_view must) {
    return base::input_error(fmt::format("\"{}\" must be {}", key, must), node.pos());
  }

  const Node& first_;
  const Node& otherwise_;
};

Result<DrainFlags> read_flags(const Givens& givens) {
  DrainFlags flags;
  flags.force = TRY(givens.flag("force"));
  flags.ignore_daemonsets = TRY(givens.flag("ignore_daemonsets"));
  flags.delete_emptydir_data = TRY(givens.flag("delete_emptydir_data"));
  flags.disable_eviction = TRY(givens.flag("disable_eviction"));
  flags.grace_period = TRY(givens.time("grace_period"));
  flags.timeout = TRY(givens.time("timeout"));
  // As kubectl: no time at all means for ever.
  if (flags.timeout && flags.timeout->count() == 0) flags.timeout.reset();
  flags.pod_selector = TRY(givens.selector("pod_selector"));
  return flags;
}

}  // namespace

Result<GivenDrain> parse_given(const Node& first, const Node& otherwise) {
  const Givens givens(first, otherwise);
  GivenDrain given;
  if (const Node* nodes = givens.find("nodes")) given.cluster.nodes = TRY(parse_nodes(*nodes));
  if (const Node* quorum = givens.find("quorum")) given.cluster.invariants.quorums = TRY(parse_quorums(*quorum));
  if (const Node* available = givens.find("available"))
    given.cluster.invariants.available = TRY(parse_availability(*available));
  given.cluster.invariants.infer = TRY(givens.flag("infer", true));
  given.flags = TRY(read_flags(givens));
  return given;
}

}  // namespace gantry::disruption
