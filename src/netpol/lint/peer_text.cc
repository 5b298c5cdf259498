#include "netpol/lint/peer_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace gantry::netpol::linting {

using kube::LabelSelector;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

std::string_view operator_word(SelectorOperator op) {
  switch (op) {
    case SelectorOperator::in: return "In";
    case SelectorOperator::not_in: return "NotIn";
    case SelectorOperator::exists: return "Exists";
    case SelectorOperator::does_not_exist: return "DoesNotExist";
  }
  return "In";
}

// A value that YAML would not take for a string stands in quotes.
std::string yaml_value(const std::string& value) {
  const bool is_word = !value.empty() && std::ranges::any_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  static constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const bool special = std::ranges::find(kWords, std::string_view(value)) != std::end(kWords);
  return is_word && !special ? value : fmt::format("\"{}\"", value);
}

// All values of one key that the requirements so far leave possible.
struct KeyState {
  std::optional<std::vector<std::string>> in;  // absent: every value
  std::vector<std::string> not_in;
  bool must_exist = false;
  bool must_lack = false;

  void add(const Requirement& requirement) {
    switch (requirement.op) {
      case SelectorOperator::in: {
        must_exist = true;
        std::vector<std::string> both;
        if (in) std::ranges::set_intersection(*in, requirement.values, std::back_inserter(both));
        in = in ? both : requirement.values;
        return;
      }
      case SelectorOperator::not_in:
        not_in.insert(not_in.end(), requirement.values.begin(), requirement.values.end());
        return;
      case SelectorOperator::exists: must_exist = true; return;
      case SelectorOperator::does_not_exist: must_lack = true; return;
    }
  }

  bool impossible() const {
    if (must_exist && must_lack) return true;
    return in && std::ranges::all_of(
                     *in, [&](const std::string& value) { return std::ranges::find(not_in, value) != not_in.end(); });
  }
};

}  // namespace

std::string yaml(const LabelSelector& selector) {
  std::vector<std::string> labels;
  std::vector<std::string> expressions;
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.op == SelectorOperator::in && requirement.values.size() == 1) {
      labels.push_back(fmt::format("{}: {}", requirement.key, yaml_value(requirement.values.front())));
      continue;
    }
    std::vector<std::string> values;
    for (const std::string& value : requirement.values) values.push_back(yaml_value(value));
    const std::string list = values.empty() ? "" : fmt::format(", values: [{}]", fmt::join(values, ", "));
    expressions.push_back(
        fmt::format("{{key: {}, operator: {}{}}}", requirement.key, operator_word(requirement.op), list));
  }
  std::vector<std::string> parts;
  if (!labels.empty()) parts.push_back(fmt::format("matchLabels: {{{}}}", fmt::join(labels, ", ")));
  if (!expressions.empty()) parts.push_back(fmt::format("matchExpressions: [{}]", fmt::join(expressions, ", ")));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

kube::PolicyPeer make_peer(LabelSelector namespaces, LabelSelector pods) {
  kube::PolicyPeer peer;
  peer.namespace_selector = std::move(namespaces);
  peer.pod_selector = std::move(pods);
  return peer;
}

LabelSelector namespace_named(const std::string& name) {
  return LabelSelector::from_labels(kube::LabelSet({{"kubernetes.io/metadata.name", name}}));
}

std::string yaml(const kube::PolicyPeer& peer) {
  std::vector<std::string> parts;
  if (peer.namespace_selector) parts.push_back("namespaceSelector: " + yaml(*peer.namespace_selector));
  if (peer.pod_selector) parts.push_back("podSelector: " + yaml(*peer.pod_selector));
  if (peer.ip_block) parts.push_back(fmt::format("ipBlock: {{cidr: {}}}", to_string(peer.ip_block->cidr)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string describe(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer) {
  if (peer.ip_block) return to_string(peer.ip_block->cidr);
  const bool all = !peer.pod_selector || peer.pod_selector->selects_everything();
  const std::string pods = all ? "every pod" : fmt::format("pods {}", to_string(*peer.pod_selector));
  if (!peer.namespace_selector) return fmt::format("{} of namespace {}", pods, policy.name_space());
  if (peer.namespace_selector->selects_everything()) return fmt::format("{} of every namespace", pods);
  return fmt::format("{} of namespaces {}", pods, to_string(*peer.namespace_selector));
}

std::optional<Contradiction> find_contradiction(const LabelSelector& selector) {
  // Requirements are sorted by key, so those on one key stand together.
  const std::vector<Requirement>& requirements = selector.requirements();
  for (std::size_t first = 0; first < requirements.size();) {
    KeyState state;
    std::vector<std::string> texts;
    std::size_t i = first;
    for (; i < requirements.size() && requirements[i].key == requirements[first].key; ++i) {
      state.add(requirements[i]);
      texts.push_back(to_string(LabelSelector({requirements[i]})));
      if (state.impossible())
        return Contradiction{.second = requirements[i], .text = fmt::format("{}", fmt::join(texts, " and "))};
    }
    first = i;
  }
  return std::nullopt;
}

}  // namespace gantry::netpol::linting
