#include "kube/kustomize/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <tuple>

namespace gantry::kube::kustomize {

using base::Result;

namespace {

// kustomize's first answer to "what must be applied before what"; kept since for the sake of everybody's diffs.
constexpr std::array<std::string_view, 22> kFirst = {
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
};
constexpr std::array<std::string_view, 2> kLast = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"};

// Kinds listed first have negative ranks, kinds listed last positive ones, all others 0.
using Ranks = std::map<std::string, std::int64_t, std::less<>>;

template <typename Name>
Ranks rank_kinds(std::span<const Name> first, std::span<const Name> last) {
  Ranks ranks;
  for (std::size_t i = 0; i < first.size(); ++i)
    ranks[std::string(first[i])] = static_cast<std::int64_t>(i) - std::ssize(first);
  for (std::size_t i = 0; i < last.size(); ++i) ranks[std::string(last[i])] = static_cast<std::int64_t>(i) + 1;
  return ranks;
}

// What two objects are compared by. An empty group or namespace sorts behind all others ("~" comes after the letters).
struct SortKey {
  std::int64_t rank = 0;
  std::string type;    // group, version, kind
  std::string object;  // type in kustomize's other spelling, namespace, name
  std::size_t position = 0;

  friend bool operator<(const SortKey& a, const SortKey& b) {
    return std::tie(a.rank, a.type, a.object) < std::tie(b.rank, b.type, b.object);
  }
};

std::string_view or_else(std::string_view text, std::string_view otherwise) { return text.empty() ? otherwise : text; }

SortKey sort_key(const Resource& resource, std::size_t position, const Ranks& ranks) {
  const GroupVersionKind gvk = gvk_of(resource);
  const std::string name = name_of(resource);
  const std::string name_space = namespace_of(resource);
  const auto rank = ranks.find(gvk.kind);
  return {
      .rank = rank == ranks.end() ? 0 : rank->second,
      .type = fmt::format("{}_{}_{}", or_else(gvk.group, "~G"), or_else(gvk.version, "~V"), or_else(gvk.kind, "~K")),
      .object = fmt::format("{}|{}", or_else(name_space, "~X"), or_else(name, "~N")),
      .position = position};
}

// Namespaces of another group come before the core ones.
bool is_core_namespace_pair(const SortKey& a, const SortKey& b, const Resources& resources) {
  const Resource& first = resources[a.position];
  const Resource& second = resources[b.position];
  return kind_of(first) == "Namespace" && kind_of(second) == "Namespace" &&
         (gvk_of(first).group.empty() || gvk_of(second).group.empty());
}

void sort_by(Resources& resources, const Ranks& ranks) {
  std::vector<SortKey> keys;
  keys.reserve(resources.size());
  for (std::size_t i = 0; i < resources.size(); ++i) keys.push_back(sort_key(resources[i], i, ranks));
  std::ranges::stable_sort(keys, [&resources](const SortKey& a, const SortKey& b) {
    if (a.rank == b.rank && a.type != b.type && is_core_namespace_pair(a, b, resources)) return a.type > b.type;
    return a < b;
  });
  Resources sorted;
  sorted.reserve(resources.size());
  for (const SortKey& key : keys) sorted.push_back(std::move(resources[key.position]));
  resources = std::move(sorted);
}

}  // namespace

Result<void> sort_resources(Resources& resources, const Kustomization& top) {
  if (!top.sort_options) {
    sort_by(resources, rank_kinds<std::string_view>(kFirst, kLast));
    return {};
  }
  const SortOptions& options = *top.sort_options;
  const std::string& order = options.order.value;
  if (order != "legacy" && order != "fifo") {
    return base::input_error(fmt::format("sortOptions.order is \"{}\"", order),
                             options.order.pos.file ? options.order.pos : top.pos, "write legacy or fifo");
  }
  if (order == "fifo") {
    if (!options.legacy) return {};
    return base::input_error("sortOptions.legacySortOptions is there, and the order is fifo", options.order.pos,
                             "remove legacySortOptions, or write order: legacy");
  }
  const Ranks ranks = options.legacy ? rank_kinds<std::string>(options.legacy->order_first, options.legacy->order_last)
                                     : rank_kinds<std::string_view>(kFirst, kLast);
  sort_by(resources, ranks);
  return {};
}

}  // namespace gantry::kube::kustomize
