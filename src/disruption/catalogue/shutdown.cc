// Whether a pod is given the time that it takes to leave (disruption reference, §6.4, §9.4 and §11.3, W5): what its preStop hook waits,
// or the lame duck mode that the hook asks for, beside the grace period.

#include "base/text.h"
#include "base/time.h"
#include "disruption/catalogue/rules.h"
#include "disruption/systems/known_systems.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace gantry::disruption {

using base::Finding;
using kube::Container;
using kube::Workload;
using std::chrono::seconds;

namespace {

// How a member is asked to hand over clients and leadership before it stops.
struct Farewell {
  std::string_view system;
  std::string_view word;     // in the preStop command
  std::string_view setting;  // how long that takes
  seconds otherwise;         // where no setting says so
  std::string_view name;
  std::string_view command;  // an example, for the fix
};
constexpr Farewell kFarewells[] = {
    {"NATS JetStream", "ldm", "lame_duck_duration", seconds(120), "lame duck mode", "[nats-server, --signal, ldm=1]"},
};

std::string command_of(const kube::Handler& hook) {
  std::string text;
  for (const std::string& word : hook.command) text.append(word).append(" ");
  return text;
}

// How long a preStop hook waits, as far as it says so: the sleep action, or a command that is a sleep or ends in one.
std::optional<seconds> wait_of(const kube::Handler& hook) {
  if (hook.kind == kube::Handler::Kind::sleep) return hook.sleep;
  const std::string text = command_of(hook);
  const std::size_t at = text.find("sleep ");
  if (at == std::string::npos) return {};
  std::int64_t amount = 0;
  const char* first = text.data() + at + std::string_view("sleep ").size();
  const auto [end, failure] = std::from_chars(first, text.data() + text.size(), amount);
  // More than a day is no wait of a shutdown, and no number to multiply.
  if (failure != std::errc{} || amount < 0 || amount > 86'400) return {};
  const char unit = end == text.data() + text.size() ? ' ' : *end;
  return seconds(amount * (unit == 'm' ? 60 : unit == 'h' ? 3600 : 1));
}

// "lame_duck_duration: 30s", "lame_duck_duration = \"2m\"".
seconds length_of(const Farewell& farewell, std::string_view settings) {
  const std::size_t at = settings.find(farewell.setting);
  if (at == std::string_view::npos) return farewell.otherwise;
  std::string_view rest = settings.substr(at + farewell.setting.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t:=\"'"), rest.size()));
  const base::Result<std::chrono::milliseconds> length =
      base::parse_duration(rest.substr(0, rest.find_first_of(" \t\r\n\"',}")));
  return length ? std::chrono::ceil<seconds>(*length) : farewell.otherwise;
}

void add_short(const Workload& workload, const Container& container, std::string_view what, seconds takes,
               std::vector<Finding>& findings) {
  const seconds grace = workload.pod_template.spec->termination_grace;
  if (takes < grace) return;
  findings.push_back(
      make_finding("workload.grace-short", to_string(workload.object.id),
                   container.pre_stop->where.file ? container.pre_stop->where : workload.object.pos(),
                   fmt::format("{} of container {} {} {} s, and the grace period is {} s", what, container.name,
                               what == "preStop" ? "waits" : "takes", takes.count(), grace.count()),
                   "make terminationGracePeriodSeconds longer than preStop and the shutdown together"));
}

void judge_farewell(const kube::Snapshot& snapshot, const Workload& workload, std::vector<Finding>& findings) {
  const std::optional<KnownSystem> system = recognise(snapshot, workload);
  if (!system) return;
  const auto* const farewell = std::ranges::find(kFarewells, system->name, &Farewell::system);
  if (farewell == std::ranges::end(kFarewells)) return;
  const Container& member = *system->container;
  if (member.pre_stop && command_of(*member.pre_stop).contains(farewell->word))
    return add_short(workload, member, farewell->name, length_of(*farewell, settings_text(snapshot, workload, member)),
                     findings);
  findings.push_back(make_finding(
      "quorum.no-farewell", to_string(workload.object.id), member.where,
      fmt::format("container {} stops without {}: no preStop hook asks for it", member.name, farewell->name),
      fmt::format("write lifecycle: {{preStop: {{exec: {{command: {}}}}}}}, and a grace "
                  "period longer than {} ({} s unless it is set)",
                  farewell->command, farewell->setting, farewell->otherwise.count())));
}

}  // namespace

void judge_shutdown(const kube::Snapshot& snapshot, const Workload& workload, std::vector<Finding>& findings) {
  for (const Container& container : workload.pod_template.spec->containers)
    if (container.pre_stop)
      if (const std::optional<seconds> wait = wait_of(*container.pre_stop))
        add_short(workload, container, "preStop", *wait, findings);
  judge_farewell(snapshot, workload, findings);
}

}  // namespace gantry::disruption
