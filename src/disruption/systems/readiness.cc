// Does Ready mean caught up, and does a liveness probe spare the survivors of a lost quorum? (Disruption reference, §9.3: NATS
// from its server's source and its chart; the others from what their probes ask.)

#include "disruption/systems/known_systems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::disruption {

using Answer = ReadinessTruth::Answer;

namespace {

struct ProbeRow {
  std::string_view system;
  std::string_view asks;  // part of the path or command
  Answer as_readiness;
  bool kills_as_liveness;  // it fails on healthy members once the quorum is lost
  std::string_view meaning;
};
// The first row that fits counts: the special cases of a path stand before the path.
constexpr ProbeRow kProbes[] = {
    {"NATS JetStream", "js-server-only", Answer::too_early, false, "does not look at JetStream"},
    {"NATS JetStream", "js-enabled-only", Answer::too_early, false, "asks only whether JetStream is enabled"},
    {"NATS JetStream", "js-meta-only", Answer::too_early, true, "looks at the meta group and at no stream"},
    {"NATS JetStream", "/healthz", Answer::tells, true, "waits until meta group, streams and consumers are current"},
    {"etcd", "serializable", Answer::too_early, false, "answers without asking the others"},
    {"etcd", "/readyz", Answer::tells, true, "needs a leader and a linearizable read"},
    {"etcd", "/health", Answer::tells, true, "needs a leader and a linearizable read"},
    {"etcd", "/livez", Answer::too_early, false, "answers without asking the others"},
    {"etcd", "endpoint health", Answer::tells, true, "commits a proposal"},
    {"Consul", "/v1/status/leader", Answer::too_early, true,
     "asks for a leader, not whether this server has caught up"},
    {"Redis Sentinel", "ping", Answer::too_early, false, "answers as soon as the process does"},
    {"ZooKeeper", "ruok", Answer::too_early, false, "answers as soon as the process does"},
    {"RabbitMQ", "check_if_node_is_quorum_critical", Answer::unknown, true, "fails on the members that hold a quorum"},
    {"RabbitMQ", "ping", Answer::too_early, false, "answers as soon as the node does"},
    {"RabbitMQ", "check_running", Answer::too_early, false, "answers as soon as the node does"},
    {"Vault", "/v1/sys/health", Answer::tells, true, "tells active and standby servers from sealed ones"},
    {"MongoDB", "ping", Answer::too_early, false, "answers while the member is still syncing"},
};

std::string asked_by(const kube::Probe& probe) {
  return fmt::format("{}{}", probe.handler.path, fmt::join(probe.handler.command, " "));
}

const ProbeRow* find_row(std::string_view system, const std::string& asked) {
  for (const ProbeRow& row : kProbes)
    if (row.system == system && asked.contains(row.asks)) return &row;
  return nullptr;
}

void judge_ready(const kube::Container& container, const KnownSystem& system, ReadinessTruth& truth) {
  using enum kube::Handler::Kind;
  if (!container.readiness) {
    truth.answer = Answer::too_early;
    truth.reason = fmt::format("container {} has no readiness probe: it is Ready as soon as it runs", container.name);
    truth.where = container.where;
    return;
  }
  truth.where = container.readiness->handler.where;
  const std::string asked = asked_by(*container.readiness);
  if (container.readiness->handler.kind == tcp_socket) {
    truth.answer = Answer::too_early;
    truth.reason = "its readiness probe only opens a connection";
  } else if (const ProbeRow* row = find_row(system.name, asked)) {
    truth.answer = row->as_readiness;
    truth.reason = fmt::format("its readiness probe {} {}", asked, row->meaning);
  } else {
    truth.reason = fmt::format("nobody knows what its readiness probe {} waits for", asked);
  }
}

}  // namespace

ReadinessTruth judge_readiness(const KnownSystem& system) {
  ReadinessTruth truth;
  const kube::Container& container = *system.container;
  judge_ready(container, system, truth);
  if (!container.liveness) return truth;
  const std::string asked = asked_by(*container.liveness);
  const ProbeRow* row = find_row(system.name, asked);
  if (row == nullptr || !row->kills_as_liveness) return truth;
  truth.liveness_kills_survivors = true;
  truth.liveness_reason =
      fmt::format("its liveness probe {} {}: it fails on healthy members once the quorum is lost", asked, row->meaning);
  return truth;
}

}  // namespace gantry::disruption
