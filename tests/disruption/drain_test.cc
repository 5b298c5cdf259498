#include "disruption/drain.h"

#include <gtest/gtest.h>

#include <ostream>

namespace gantry::disruption {

void PrintTo(const DrainDecision& decision, std::ostream* out) {
  *out << static_cast<int>(decision.action) << " " << to_string(decision.filter) << " " << decision.flag;
}

namespace {

using Action = DrainDecision::Action;
using Controller = DrainPod::Controller;
using Filter = DrainFilter;

// §4.2, in kubectl's order (pkg/drain/filters.go; cmd/drain/drain_test.go has the same situations).
TEST(Drain, Filters) {
  constexpr std::string_view kOrphan = "a pod that nothing creates again";
  constexpr std::string_view kData = "the content of its emptyDir volumes";
  const std::chrono::seconds ten{10};
  struct Case {
    const char* name;
    DrainPod pod;
    DrainFlags flags;
    DrainDecision decision;
  };
  const Case cases[] = {
      {"a pod of a ReplicaSet is evicted", {.controller = Controller::other}, {}, {}},
      {"a pod that nobody controls is refused", {}, {}, {Action::refuse, Filter::unreplicated, "--force", kOrphan}},
      {"--force takes it, for ever", {}, {.force = true}, {Action::evict, Filter::unreplicated, "--force", kOrphan}},
      {"a finished pod is nobody's loss", {.terminal = true}, {}, {}},
      {"emptyDir is refused, whatever its medium",
       {.controller = Controller::other, .empty_dir = true},
       {},
       {Action::refuse, Filter::local_storage, "--delete-emptydir-data", kData}},
      {"--delete-emptydir-data accepts the loss",
       {.controller = Controller::other, .empty_dir = true},
       {.delete_emptydir_data = true},
       {Action::evict, Filter::local_storage, "--delete-emptydir-data", kData}},
      {"a finished pod's emptyDir is no obstacle",
       {.controller = Controller::other, .empty_dir = true, .terminal = true},
       {},
       {}},
      {"--force does not cover emptyDir",
       {.empty_dir = true},
       {.force = true},
       {Action::refuse, Filter::local_storage, "--delete-emptydir-data", kData}},
      {"a DaemonSet's pod is refused",
       {.controller = Controller::daemon_set},
       {},
       {Action::refuse, Filter::daemon_set, "--ignore-daemonsets", {}}},
      {"--ignore-daemonsets leaves it where it is",
       {.controller = Controller::daemon_set},
       {.ignore_daemonsets = true},
       {Action::skip, Filter::daemon_set, "--ignore-daemonsets", {}}},
      {"and its emptyDir is then not asked about",
       {.controller = Controller::daemon_set, .empty_dir = true},
       {.ignore_daemonsets = true},
       {Action::skip, Filter::daemon_set, "--ignore-daemonsets", {}}},
      {"--force alone does not skip a DaemonSet that exists",
       {.controller = Controller::daemon_set},
       {.force = true},
       {Action::refuse, Filter::daemon_set, "--ignore-daemonsets", {}}},
      {"a DaemonSet that is gone is refused even with --ignore-daemonsets",
       {.controller = Controller::daemon_set, .daemon_set_missing = true},
       {.ignore_daemonsets = true},
       {Action::refuse, Filter::daemon_set, "--force", kOrphan}},
      {"and its pod goes with --force",
       {.controller = Controller::daemon_set, .daemon_set_missing = true},
       {.force = true},
       {Action::evict, Filter::daemon_set, "--force", kOrphan}},
      {"but not past its emptyDir",
       {.controller = Controller::daemon_set, .daemon_set_missing = true, .empty_dir = true},
       {.force = true},
       {Action::refuse, Filter::local_storage, "--delete-emptydir-data", kData}},
      {"a finished pod of a DaemonSet goes", {.controller = Controller::daemon_set, .terminal = true}, {}, {}},
      {"mirror pods are skipped silently", {.mirror = true}, {}, {Action::skip, Filter::mirror, {}, {}}},
      {"a pod outside --pod-selector is not looked at",
       {.empty_dir = true, .selected = false},
       {},
       {Action::skip, Filter::pod_selector, {}, {}}},
      {"deleted long ago, and nobody waits for it",
       {.deleted_for = std::chrono::seconds(11)},
       {.skip_wait_for_delete_timeout = ten},
       {Action::skip, Filter::deleted, {}, {}}},
      {"not long enough ago",
       {.controller = Controller::other, .deleted_for = ten},
       {.skip_wait_for_delete_timeout = ten},
       {}},
      {"0 switches that filter off", {.controller = Controller::other, .deleted_for = std::chrono::hours(1)}, {}, {}},
  };
  for (const Case& c : cases) EXPECT_EQ(decide(c.pod, c.flags), c.decision) << c.name;
}

TEST(Drain, CommandsRepeatTheFlags) {
  EXPECT_EQ(to_command({}, "node-1"), "kubectl drain node-1");
  const DrainFlags flags{.force = true,
                         .ignore_daemonsets = true,
                         .delete_emptydir_data = true,
                         .grace_period = std::chrono::seconds(0),
                         .timeout = std::chrono::seconds(300)};
  EXPECT_EQ(to_command(flags, "node-1"),
            "kubectl drain node-1 --ignore-daemonsets --delete-emptydir-data --force --grace-period=0 --timeout=300s");
}

TEST(Drain, RefusesNegativeTimes) {
  EXPECT_TRUE(check(DrainFlags{}));
  EXPECT_FALSE(check(DrainFlags{.grace_period = std::chrono::seconds(-2)}));
  EXPECT_FALSE(check(DrainFlags{.timeout = std::chrono::seconds(-1)}));
  EXPECT_FALSE(check(DrainFlags{.skip_wait_for_delete_timeout = std::chrono::seconds(-1)}));
}

}  // namespace
}  // namespace gantry::disruption
