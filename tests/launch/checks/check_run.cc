#include "launch/checks/check_run.h"

#include "base/digest.h"
#include "base/yaml.h"
#include "launch/manifests.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace gantry::launch::test {

using base::Result;

namespace {

constexpr std::string_view kManifests = "manifests.yaml";

std::string error_text(std::string_view word, const base::Error& error) {
  const std::string where = error.where ? fmt::format(" {}:{}", *error.where->file, error.where->line) : std::string();
  return fmt::format("{}{}: {}{}\n", word, where, error.message,
                     error.help.empty() ? std::string() : fmt::format("\n  help: {}", error.help));
}

}  // namespace

std::string MadeUpEvidence::keep(std::string content) {
  std::string digest = base::sha256_hex(content);
  artifacts.insert_or_assign(digest, std::move(content));
  return digest;
}

std::vector<FoundEvidence::Found> MadeUpEvidence::of(std::string_view check) const {
  std::vector<Found> found;
  for (const Found& each : all)
    if (each.evidence.check == check) found.push_back(each);
  return found;
}

Result<std::optional<base::Evidence>> MadeUpEvidence::first_passed(const Found& found, base::Timestamp since) const {
  std::vector<base::Evidence> candidates = earlier;
  candidates.push_back(found.evidence);
  for (const base::Evidence& each : candidates)
    if (each.verdict == base::Verdict::pass && each.started >= since) return each;
  return std::nullopt;
}

Result<std::string> MadeUpEvidence::read(const base::Artifact& artifact) const {
  const auto kept = artifacts.find(artifact.sha256);
  if (kept == artifacts.end()) return base::environment_error(artifact.name + " is gone");
  return kept->second;
}

namespace {

// Everything that a check is handed, and that must outlive it.
auto with_context(std::string_view block_text, const CheckInput& input, auto use)
    -> decltype(use(std::declval<const CheckType&>(), std::declval<CheckContext&>())) {
  const base::Node block = TRY(base::load_yaml_document(block_text, "plan.md"));
  const CheckType* check = TRY(base::with_context(validate_block(block), "invalid"));
  base::MemoryFileSystem files;
  files.write(std::string(kManifests), input.manifests);
  if (!input.others.empty()) files.write("others.yaml", input.others);
  for (const auto& [path, text] : input.files) files.write(path, text);
  InputDigests digests(files);
  InputRecorder recorder;
  const RecordingFiles recording(files, digests, recorder);
  ManifestCache manifests(files, digests);
  Config config;
  config.manifests = kManifests;
  if (!input.drain.empty()) config.drain = TRY(base::load_yaml_document(input.drain, "gantry.yaml"));
  if (!input.network.empty()) config.network = TRY(base::load_yaml_document(input.network, "gantry.yaml"));
  const Plan plan = TRY(Plan::parse("### Track A: Launch (100%)\n1. Look\n", "plan.md"));
  const std::vector<AppliedPath> applied_paths;
  const std::vector<SignOff> sign_offs;
  const MadeUpEvidence nothing;
  base::NoProgress progress;
  CheckContext context{.block = block,
                       .plan = plan,
                       .config = config,
                       .files = recording,
                       .inputs = recorder,
                       .manifests = manifests,
                       .applied_paths = applied_paths,
                       .workspace_root = {},
                       .program_path = {},
                       .environment = {},
                       .kubectl = input.kubectl,
                       .kube_context = input.kubectl ? input.kubectl->context() : std::string(),
                       .may_apply = false,
                       .sign_offs = sign_offs,
                       .found = input.found ? *input.found : nothing,
                       .subject_digest = {},
                       .now = {},
                       .progress = progress,
                       .stop = {}};
  return use(*check, context);
}

}  // namespace

CheckRun run_check(std::string_view block, const CheckInput& input) {
  return with_context(block, input, [](const CheckType& check, CheckContext& context) { return check.run(context); });
}

Result<std::optional<DraftedDocument>> draft_document(std::string_view block, const CheckInput& input) {
  return with_context(block, input, [](const CheckType& check, CheckContext& context) { return check.draft(context); });
}

std::string dump(const CheckRun& run) {
  if (!run) {
    const bool is_invalid = !run.error().context.empty() && run.error().context.back() == "invalid";
    return error_text(is_invalid ? "invalid" : "undecided", run.error());
  }
  std::string text = fmt::format("{} {}\n", base::to_string(run->verdict), run->summary);
  for (const base::Finding& finding : run->findings) {
    const std::string place = finding.where.file ? fmt::format("{}:{}", *finding.where.file, finding.where.line) : "-";
    text += fmt::format("{} {} {} {}: {}\n", base::to_string(finding.severity), finding.rule, place, finding.object,
                        finding.message);
    EXPECT_FALSE(finding.explanation.empty() && finding.fix.empty()) << finding.rule << ": " << finding.message;
  }
  return text;
}

std::string verdict_and_rules(const CheckRun& run) {
  if (!run) return "undecided";
  std::string text(base::to_string(run->verdict));
  std::set<std::string> rules;
  for (const base::Finding& finding : run->findings) rules.insert(finding.rule);
  for (const std::string& rule : rules) text += " " + rule;
  return text;
}

FakeCluster::FakeCluster(std::string_view manifests) : objects_(base::load_yaml(manifests, "prod")) {}

Result<kube::KubectlVersion> FakeCluster::version(std::stop_token) { return kube::KubectlVersion{}; }

Result<std::vector<base::Node>> FakeCluster::read_objects(std::stop_token) { return objects_; }

Result<kube::ApplyReport> FakeCluster::apply(const kube::ApplyInput&, kube::ApplyMode, std::stop_token) {
  ADD_FAILURE() << "a check that only reads must not apply";
  return kube::ApplyReport{};
}

Result<kube::DiffReport> FakeCluster::diff(const kube::ApplyInput&, std::stop_token) {
  ADD_FAILURE() << "a check that only reads must not ask for a diff";
  return kube::DiffReport{};
}

}  // namespace gantry::launch::test
