// Any bytes as manifests. What becomes a snapshot is analysed, and the engine says of a sample of flows what its stupid
// twin says.

#include "base/yaml.h"
#include "netpol/compare.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr std::size_t kPodsMax = 20;      // derived ones; written ones cost the input their size
constexpr std::size_t kPoliciesMax = 50;  // the twin reads them all for each flow
constexpr Questions kQuestions{.flows_max = 200, .explained_every = 20, .openings = true, .facts = true};

void compare(const kube::Snapshot& snapshot, const AnalysisOptions& options) {
  Compared compared;
  const std::optional<std::string> wrong = find_disagreement(snapshot, options, kQuestions, 1, compared);
  if (!wrong) return;
  std::fprintf(stderr, "%s\n", wrong->c_str());
  std::abort();
}

void analyse_documents(std::vector<base::Node> documents) {
  const base::Result<kube::Snapshot> snapshot =
      kube::build_snapshot(std::move(documents), {.derived_pods_max = kPodsMax});
  if (!snapshot || (*snapshot)->pods.size() > 2 * kPodsMax) return;
  if ((*snapshot)->network_policies.size() + (*snapshot)->admin_policies.size() > kPoliciesMax) return;
  compare(*snapshot, {});
  AnalysisOptions others;
  others.endpoints.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16"), *kube::Cidr::parse("fd00::/64")};
  others.endpoints.one_class_per_pod = true;
  others.without_rejected = false;
  compare(*snapshot, others);
}

}  // namespace
}  // namespace gantry::netpol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::base::Result<std::vector<gantry::base::Node>> documents = gantry::base::load_yaml(text, "fuzz.yaml");
  if (documents) gantry::netpol::analyse_documents(*std::move(documents));
  return 0;
}
