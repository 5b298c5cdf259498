#include "load/options/redacted.h"

#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

using base::Node;

namespace {

Node with_hidden_values(const Node& env) {
  Node hidden = Node::empty_map();
  for (const Node::Member& member : env.map()) hidden.set(member.key, Node("…"));
  return hidden;
}

}  // namespace

Node redact_options(Node options) {
  if (!options.is_map()) return options;
  for (const std::string_view name : {"tlsAuth", "cloud", "ext"}) options.erase(name);  // keys and tokens
  const Node* scenarios = options.get("scenarios");
  if (!scenarios || !scenarios->is_map()) return options;
  Node redacted = Node::empty_map();
  for (const Node::Member& scenario : scenarios->map()) {
    Node copy = scenario.value;
    const Node* env = copy.is_map() ? copy.get("env") : nullptr;
    if (env && env->is_map()) {
      Node hidden = with_hidden_values(*env);
      copy.set("env", std::move(hidden));
    }
    redacted.set(scenario.key, std::move(copy));
  }
  options.set("scenarios", std::move(redacted));
  return options;
}

}  // namespace gantry::load
