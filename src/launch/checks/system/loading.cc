#include "launch/checks/system/loading.h"

#include "kube/sources.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

namespace gantry::launch {

using base::Error;
using base::ErrorKind;
using base::Finding;
using base::Result;

namespace {

Finding missing(std::string_view path, base::SourcePos where) {
  return make_finding("manifests.missing", std::string(path), std::move(where), fmt::format("{} is missing", path),
                      "write the manifests there, or name the path where they are");
}

Finding unreadable(std::string_view path, const Error& error, const base::SourcePos& where) {
  Finding finding =
      make_finding("manifests.unreadable", std::string(path), error.where.value_or(where), error.message, error.help);
  for (const std::string& level : error.context) finding.explanation += fmt::format(" ({})", level);
  return finding;
}

template <typename Load>
Result<LoadedManifests> load(CheckContext& context, std::string_view path, const base::SourcePos& where,
                             const Load& load) {
  if (TRY(context.files.kind(path)) == base::FileKind::missing)
    return LoadedManifests{.manifests = {}, .problem = missing(path, where)};
  Result<std::shared_ptr<const Manifests>> manifests = load();
  if (manifests) return LoadedManifests{.manifests = *std::move(manifests), .problem = std::nullopt};
  if (manifests.error().kind != ErrorKind::input) return std::unexpected(std::move(manifests).error());
  return LoadedManifests{.manifests = {}, .problem = unreadable(path, manifests.error(), where)};
}

}  // namespace

Result<LoadedManifests> load_block(CheckContext& context) {
  const base::Node* path = context.block.get("path");
  if (!path) return load_world(context);
  return load(context, path->string(), path->pos().file ? path->pos() : context.where(),
              [&] { return context.load_manifests(); });
}

Result<LoadedManifests> load_world(CheckContext& context) {
  const std::string path = context.config.manifests.empty() ? context.text("path") : context.config.manifests;
  // Nothing says where the system is: the context knows how to put it.
  if (path.empty()) TRY(context.load_system());
  return load(context, path, context.where(), [&] { return context.load_system(); });
}

Result<LoadedManifests> load_path(CheckContext& context, const std::string& path, const base::SourcePos& where) {
  return load(context, path, where, [&] {
    return context.manifests.load({.path = path, .form = ManifestForm::automatic, .name_space = {}}, context.inputs);
  });
}

Result<kube::Snapshot> read_live_cluster(CheckContext& context) {
  kube::LoadOptions options;
  options.kubectl = context.kubectl;
  options.stop = context.stop;
  return base::with_context(kube::load_snapshot(context.files, {kube::Source::cluster(context.kube_context)}, options),
                            fmt::format("while reading cluster {}", context.kube_context));
}

CheckOutcome fail_by(Finding problem) {
  CheckOutcome outcome;
  outcome.verdict = base::Verdict::fail;
  outcome.summary = problem.message;
  outcome.findings.push_back(std::move(problem));
  return outcome;
}

}  // namespace gantry::launch
