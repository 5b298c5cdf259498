// manifests.apply: from files alone it proves that there is something to apply, and says that nothing was. With a cluster it asks
// the API server whether it would take every object, and compares what is there with what would be; with --apply it applies for
// real in between. What is written to the cluster is loaded anew for that moment, since a snapshot holds no value of a Secret;
// it is never kept.

#include "base/yaml.h"
#include "kube/kubectl.h"
#include "kube/sources.h"
#include "launch/checks/checks.h"
#include "launch/checks/system/fields.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {kPathField, kRawField, kRecursiveField, kIntoField};

// A name per line is enough of a diff that is kept with the evidence.
constexpr std::size_t kDiffBytesMax = 1U << 20;

Result<std::string> load_text(const CheckContext& context, const Manifests& manifests) {
  const kube::LoadedDocuments loaded =
      TRY(kube::load_documents(context.files, {source_of(manifests.place.path, manifests.place.form)}));
  std::string text;
  for (const base::Node& document : loaded.documents) text += "---\n" + base::dump_yaml(document);
  return text;
}

void report(const kube::ApplyReport& applied, const CheckContext& context, std::vector<Finding>& findings) {
  for (const std::string& rejection : applied.rejections)
    findings.push_back(make_finding("manifests.rejected", context.text("path"), context.where(),
                                    fmt::format("the API server refuses an object: {}", rejection),
                                    "mend it as the message says"));
  for (const std::string& warning : applied.warnings)
    findings.push_back(make_finding("manifests.warned", context.text("path"), context.where(), warning,
                                    "mend it as the message says"));
}

// The objects of a unified diff: "+++ /tmp/LIVE-123/v1.Service.shop.web".
std::set<std::string> objects_of(std::string_view diff) {
  std::set<std::string> names;
  for (std::size_t at = 0; at < diff.size();) {
    const std::size_t end = std::min(diff.find('\n', at), diff.size());
    const std::string_view line = diff.substr(at, end - at);
    if (line.starts_with("+++ /")) {
      const std::string_view path = line.substr(0, line.find('\t'));
      names.insert(std::string(path.substr(path.rfind('/') + 1)));
    }
    at = end + 1;
  }
  return names;
}

void report_differences(const kube::DiffReport& diff, const CheckContext& context, CheckOutcome& outcome) {
  if (!diff.differs) return;
  const std::set<std::string> objects = objects_of(diff.text);
  for (const std::string& object : objects)
    outcome.findings.push_back(
        make_finding("manifests.not-applied", object, context.where(),
                     fmt::format("{} in the cluster is not as {} says", object, context.text("path")),
                     fmt::format("apply {}: run again with --apply", context.text("path"))));
  if (objects.empty())
    outcome.findings.push_back(make_finding("manifests.not-applied", context.text("path"), context.where(),
                                            fmt::format("the cluster is not as {} says", context.text("path")),
                                            "run again with --apply"));
  outcome.artifacts.push_back(
      {.name = "live.diff", .media_type = "text/x-diff", .content = diff.text.substr(0, kDiffBytesMax)});
}

Result<void> ask_cluster(CheckContext& context, const Manifests& manifests, CheckOutcome& outcome) {
  kube::Kubectl& kubectl = *context.kubectl;
  const std::string text = TRY(load_text(context, manifests));
  const kube::ApplyInput input{.manifests = text, .name_space = manifests.place.name_space};
  const kube::ApplyReport dry_run = TRY(kubectl.apply(input, kube::ApplyMode::server_dry_run, context.stop));
  report(dry_run, context, outcome.findings);
  std::size_t applied_count = 0;
  // Never a part of them: what the dry run refuses is mended first.
  if (context.may_apply && dry_run.accepted()) {
    const kube::ApplyReport applied = TRY(kubectl.apply(input, kube::ApplyMode::really, context.stop));
    report(applied, context, outcome.findings);
    applied_count = applied.objects.size();
  }
  const kube::DiffReport diff = TRY(kubectl.diff(input, context.stop));
  report_differences(diff, context, outcome);
  outcome.evidence_class = base::EvidenceClass::cluster;
  outcome.metrics.push_back({"objects_applied_count", static_cast<double>(applied_count)});
  outcome.summary =
      fmt::format("{} of {} are in cluster {} as written", count_of(manifests.snapshot->objects.size(), "object"),
                  describe(manifests), context.kube_context);
  return {};
}

// kubectl refuses to move an object into another namespace than it names; the objects beside it still land.
void report_strays(const Manifests& manifests, std::vector<Finding>& findings) {
  const std::string& into = manifests.place.name_space;
  if (into.empty()) return;
  for (const kube::Object& object : manifests.snapshot->objects) {
    const std::string& own = object.id.name_space;
    if (own.empty() || own == into) continue;
    findings.push_back(make_finding("manifests.rejected", to_string(object.id), object.pos(),
                                    fmt::format("kubectl refuses {}: it is applied with -n {}, and names namespace {}",
                                                to_string(object.id), into, own),
                                    fmt::format("apply it without -n, or take `namespace: {}` out of it", own)));
  }
}

Result<CheckOutcome> run(CheckContext& context) {
  LoadedManifests loaded = TRY(load_block(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  CheckOutcome outcome;
  report_strays(*loaded.manifests, outcome.findings);
  outcome.metrics = object_counts(loaded.snapshot());
  if (context.kubectl) {
    TRY(ask_cluster(context, *loaded.manifests, outcome));
  } else {
    outcome.summary =
        fmt::format("renders, {}; nothing was applied", count_of(loaded.snapshot()->objects.size(), "object"));
  }
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kManifestsApply = {
    .name = "manifests.apply",
    .summary = "the cluster holds the objects as they are written; without a cluster, that they render",
    .fields = kFields,
    .version = 1,
    .run = run,
    .missing_engine = {},
    .cluster = ClusterUse::optional};

}  // namespace gantry::launch
