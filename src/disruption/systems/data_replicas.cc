// How many copies of the data there are (disruption reference, §9.1 and §9.5). For NATS: JetStream's custom resources, and the
// commands of jobs that make streams. Nothing found means unknown, and one is assumed; three never are.

#include "base/node.h"
#include "disruption/systems/known_systems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::disruption {

namespace {

// Systems whose every voting member holds all of the data.
constexpr std::array<std::string_view, 4> kFullCopies = {"etcd", "Consul", "ZooKeeper", "Vault"};

struct Evidence {
  std::int64_t copies = 0;
  std::string reason;
  base::SourcePos where;
};

std::optional<std::int64_t> number_after(std::string_view text, std::string_view flag) {
  const std::size_t at = text.find(flag);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + flag.size());
  while (!text.empty() && (text.front() == ' ' || text.front() == '=' || text.front() == '"')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

// `nats stream add` without --replicas makes a stream with one copy.
void read_container(const kube::Workload& workload, const kube::Container& container, std::vector<Evidence>& found) {
  std::string text;
  for (const std::vector<std::string>* words : {&container.command, &container.args})
    for (const std::string& word : *words) text.append(word).append(" ");
  if (!text.contains("nats stream add") && !text.contains("nats str add")) return;
  const std::optional<std::int64_t> copies = number_after(text, "--replicas");
  const std::string name = to_string(workload.object.id);
  found.push_back({copies.value_or(1),
                   copies ? fmt::format("{} makes its stream with --replicas {}", name, *copies)
                          : fmt::format("{} makes its stream without --replicas, which means one copy", name),
                   container.where});
}

void read_stream(const kube::Object& object, std::vector<Evidence>& found) {
  if (object.id.group != "jetstream.nats.io" || object.id.kind != "Stream" || !object.document) return;
  const base::Node* replicas = object.document->find("spec", "replicas");
  const bool is_number = replicas && replicas->is_integer();
  const std::int64_t copies = is_number ? replicas->integer() : 1;
  const std::string name = to_string(object.id);
  found.push_back({copies,
                   is_number ? fmt::format("{} has replicas: {}", name, copies)
                             : fmt::format("{} says no replicas, which means one copy", name),
                   is_number ? replicas->pos() : object.pos()});
}

}  // namespace

DataReplicas find_data_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload,
                                const KnownSystem& system) {
  if (std::ranges::find(kFullCopies, system.name) != kFullCopies.end())
    return {.copies = starting_replicas(snapshot, workload),
            .reason = fmt::format("every voting member of {} holds all of the data", system.name),
            .where = {}};
  if (system.name != "NATS JetStream")
    return {.copies = {}, .reason = fmt::format("nothing says how often {} keeps its data", system.name), .where = {}};
  std::vector<Evidence> found;
  for (const kube::Workload& each : kube::in_namespace(snapshot->workloads, workload.name_space()))
    for (const kube::Container& container : each.pod_template.spec->containers) read_container(each, container, found);
  for (const kube::Object& object : snapshot->others)
    if (object.id.name_space == workload.name_space()) read_stream(object, found);
  const auto fewest = std::ranges::min_element(found, {}, &Evidence::copies);
  if (fewest == found.end())
    return {.copies = {}, .reason = "nothing says how many replicas its streams have: one is assumed", .where = {}};
  return {.copies = fewest->copies, .reason = fewest->reason, .where = fewest->where};
}

}  // namespace gantry::disruption
