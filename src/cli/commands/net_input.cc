#include "cli/commands/net_input.h"

#include "kube/kubectl.h"
#include "kube/sources.h"
#include "launch/launch.h"
#include "report/net.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>

namespace gantry::cli {

namespace fs = std::filesystem;
using base::Result;

namespace {

// Larger than the largest list that anybody saves from a cluster; what has no end must not fill the memory.
constexpr std::size_t kStdinBytesMax = 4ULL << 30;

Result<std::string> read_stdin() {
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (std::cin.read(buffer.data(), buffer.size()) || std::cin.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > kStdinBytesMax) return base::input_error("standard input does not end", {}, "give a file");
  }
  return text;
}

Result<std::vector<kube::Cidr>> parse_ranges(const std::vector<std::string>& texts, std::string_view option) {
  std::vector<kube::Cidr> ranges;
  for (const std::string& text : texts) {
    const base::Result<kube::Cidr> range = kube::Cidr::parse(text);
    if (!range)
      return base::usage_error(fmt::format("{}: {}", option, range.error().message), "write it as 10.244.0.0/16");
    ranges.push_back(*range);
  }
  return ranges;
}

// ---- Where paths lie ----

struct Rooted {
  std::string root;
  std::vector<std::string> names;  // relative to the root
  std::shared_ptr<const base::FileSystem> files;
};

// Every path relative to the root, or nothing when one lies elsewhere.
std::optional<std::vector<std::string>> names_below(const fs::path& root, const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) {
    const std::string name = path.lexically_relative(root).generic_string();
    if (name.empty() || name == ".." || name.starts_with("../")) return std::nullopt;
    names.push_back(name);
  }
  return names;
}

// The workspace that the first path lies in, if it holds all of them; else the working directory; else the whole disk, as a
// kustomization may refer to a folder beside it.
Result<Rooted> find_root(const std::vector<std::string>& paths) {
  std::vector<fs::path> absolute;
  std::error_code failure;
  for (const std::string& path : paths) {
    fs::path whole = fs::weakly_canonical(fs::absolute(path, failure), failure);
    if (failure || !fs::exists(whole, failure))
      return base::environment_error(fmt::format("there is no file or folder {}", path),
                                     "name manifests: files, folders, or - for standard input");
    absolute.push_back(std::move(whole));
  }
  std::vector<fs::path> candidates;
  if (const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace(absolute.front().string())))
    candidates.emplace_back(workspace->root);
  candidates.push_back(fs::current_path(failure));
  candidates.emplace_back("/");
  for (const fs::path& candidate : candidates) {
    std::optional<std::vector<std::string>> names = names_below(candidate, absolute);
    if (!names) continue;
    std::unique_ptr<base::FileSystem> files = TRY(base::open_directory(candidate.string()));
    return Rooted{.root = candidate.string(), .names = std::move(*names), .files = std::move(files)};
  }
  return base::environment_error(fmt::format("{} is nowhere", paths.front()));
}

}  // namespace

void NetAssumptions::define(CLI::App& app) {
  constexpr auto kGroup = "Assumptions";
  const auto add = [&](const char* option, auto& value, const char* help, const char* type) {
    app.add_option(option, value, help)->type_name(type)->group(kGroup);
  };
  add("-n,--namespace", name_space, "The namespace of objects that name none (default: default)", "NAME");
  add("--profile", profile,
      "The network plugin: conformant (as the conformance tests ask; the default, unless gantry.yaml says "
      "another), cilium, basic",
      "NAME");
  add("--differs", differs, "The plugin answers this topic otherwise: ip-block-on-pods, … (may be repeated)", "TOPIC");
  add("--pod-cidr", pod_ranges, "Where pods get their addresses (may be repeated)", "CIDR");
  add("--service-cidr", service_ranges, "Where Services get their addresses", "CIDR");
  add("--node-cidr", node_ranges, "Where nodes have their addresses", "CIDR");
}

Result<netpol::PluginChoice> NetAssumptions::plugin() const {
  Result<netpol::PluginChoice> said = netpol::choose_plugin(profile, differs);
  if (!said) return base::usage_error(said.error().message, said.error().help);
  return said;
}

Result<netpol::AnalysisOptions> NetAssumptions::options(const netpol::PluginChoice& plugin) const {
  netpol::AnalysisOptions options;
  options.profile = plugin.answers();
  options.endpoints.pod_ranges = TRY(parse_ranges(pod_ranges, "--pod-cidr"));
  options.endpoints.service_ranges = TRY(parse_ranges(service_ranges, "--service-cidr"));
  options.endpoints.node_ranges = TRY(parse_ranges(node_ranges, "--node-cidr"));
  return options;
}

void NetInput::define(CLI::App& app) {
  app.add_option("PATH", paths,
                 "Manifests: files, folders (rendered when they hold a kustomization), - for standard input "
                 "(default: the `manifests` of gantry.yaml)")
      ->type_name("");
  app.add_option("--context", context, "Read a live cluster (a kubectl context) instead of, or besides, files")
      ->type_name("NAME");
}

Result<LoadedManifests> NetInput::load(const Invocation& invocation, const NetAssumptions& assumptions) const {
  if (!paths.empty() || !context.empty()) return load_manifests(invocation, paths, context, assumptions.name_space);
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace("."));
  const std::string manifests = workspace ? TRY(launch::manifests_of(*workspace)) : std::string();
  if (manifests.empty())
    return base::usage_error("there are no manifests to look at",
                             "name files or folders, a cluster with --context, or `manifests:` in gantry.yaml");
  const fs::path path = fs::path(workspace->root) / manifests;
  return load_manifests(invocation, {path.string()}, "", assumptions.name_space);
}

Result<netpol::PluginChoice> NetInput::plugin(const NetAssumptions& assumptions) const {
  netpol::PluginChoice assumed = TRY(assumptions.plugin());
  if (!paths.empty() || !context.empty()) return assumed;
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace("."));
  if (!workspace) return assumed;
  return assumed.or_else(TRY(launch::network_of(*workspace)));
}

Result<netpol::AnalysisOptions> NetInput::options(const NetAssumptions& assumptions) const {
  const netpol::PluginChoice chosen = TRY(plugin(assumptions));
  return assumptions.options(chosen);
}

Result<LoadedManifests> load_manifests(const Invocation& invocation, const std::vector<std::string>& paths,
                                       const std::string& context, const std::string& name_space) {
  std::vector<std::string> on_disk;
  std::ranges::copy_if(paths, std::back_inserter(on_disk), [](const std::string& path) { return path != "-"; });
  LoadedManifests loaded{.snapshot = {}, .root = {}, .folder = {}, .files = std::make_shared<base::MemoryFileSystem>()};
  std::vector<std::string> names;
  if (!on_disk.empty()) {
    Rooted rooted = TRY(find_root(on_disk));
    loaded.root = std::move(rooted.root);
    loaded.files = std::move(rooted.files);
    names = std::move(rooted.names);
    const bool is_folder = TRY(loaded.files->kind(names.front())) == base::FileKind::directory;
    loaded.folder = is_folder ? names.front() : std::string(base::directory_of(names.front()));
    if (loaded.folder == ".") loaded.folder.clear();
  }
  std::vector<kube::Source> sources;
  auto name = names.begin();
  for (const std::string& path : paths) {
    if (path == "-") {
      sources.push_back(kube::Source::text("-", TRY(read_stdin())));
    } else {
      sources.push_back(kube::Source::path(*name++, kube::FolderForm::automatic, kube::Recursion::recursive));
    }
  }
  std::unique_ptr<kube::Kubectl> kubectl;
  kube::LoadOptions options;
  options.snapshot.default_namespace = name_space;
  options.stop = invocation.stop;
  if (!context.empty()) {
    kubectl = kube::make_kubectl({.program = "kubectl", .context = context});
    options.kubectl = kubectl.get();
    options.snapshot.documents = kube::SnapshotOptions::Documents::without_live_pods;
    sources.push_back(kube::Source::cluster(context));
  }
  loaded.snapshot = TRY(kube::load_snapshot(*loaded.files, sources, options));
  return loaded;
}

Result<void> check_manifests(const Invocation& invocation, const LoadedManifests& loaded, Refused refused) {
  if (loaded.snapshot->workloads.empty() && loaded.snapshot->pods.empty())
    return base::input_error("there is no workload and no pod among the manifests", {},
                             "name the manifests of the workloads too, not the policies alone");
  // A verdict is only as good as what it knows, so nobody may miss what was left out.
  invocation.terminal.say(report::render_notes(refused == Refused::in_a_note
                                                   ? netpol::report_unjudged(loaded.snapshot)
                                                   : netpol::report_other_policies(loaded.snapshot)));
  return {};
}

Result<netpol::Reachability> analyse_manifests(const Invocation& invocation, const LoadedManifests& loaded,
                                               const netpol::AnalysisOptions& options, Refused refused) {
  TRY(check_manifests(invocation, loaded, refused));
  return netpol::analyse(loaded.snapshot, options, invocation.stop);
}

Result<std::string> read_text(const std::string& path) {
  if (path == "-") return read_stdin();
  std::error_code failure;
  const fs::path whole = fs::absolute(path, failure);
  const std::unique_ptr<base::FileSystem> folder = TRY(base::open_directory(whole.parent_path().string()));
  return base::with_context(folder->read(whole.filename().string()), fmt::format("cannot read {}", path));
}

}  // namespace gantry::cli
