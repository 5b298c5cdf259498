#include "base/yaml.h"
#include "launch/checks/checks.h"
#include "launch/checks/system/fields.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {kPathField, kRawField, kRecursiveField, kIntoField};

// Far above any system of manifests; what is larger is told, not kept.
constexpr std::size_t kRenderedBytesMax = 32U << 20;

// The objects as they would be applied. Values of Secrets were dropped while loading; their keys are there, with null.
std::string render(const kube::Snapshot& snapshot) {
  std::string text;
  for (const kube::Object& object : snapshot->objects) {
    if (!object.document) continue;
    if (!text.empty()) text += "---\n";
    text += base::dump_yaml(*object.document);
    if (text.size() > kRenderedBytesMax) return "# too large to keep\n";
  }
  return text;
}

Result<CheckOutcome> run(CheckContext& context) {
  LoadedManifests loaded = TRY(load_block(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const kube::Snapshot& snapshot = loaded.snapshot();
  CheckOutcome outcome;
  outcome.findings = loaded.manifests->findings;
  outcome.summary = fmt::format("{} from {}: {}", count_of(snapshot->objects.size(), "object"),
                                describe(*loaded.manifests), count_kinds(snapshot));
  outcome.metrics = object_counts(snapshot);
  outcome.artifacts.push_back({.name = "rendered.yaml", .media_type = "application/yaml", .content = render(snapshot)});
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kManifestsRender = {.name = "manifests.render",
                                    .summary = "the manifests render to objects",
                                    .fields = kFields,
                                    .version = 1,
                                    .run = run,
                                    .missing_engine = {}};

}  // namespace gantry::launch
