#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "base/text.h"
#include "base/yaml.h"
#include "launch/launch.h"
#include "report/net.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace gantry::cli {

namespace fs = std::filesystem;
using base::Result;
using netpol::Claim;

namespace {

struct CheckFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string claims;
  bool json = false;
  bool verbose = false;
};

// ---- Claims as they were read

struct ClaimFile {
  std::vector<Result<Claim>> claims;  // each for itself, so that all mistakes are told at once
  std::string folder;                 // that paths in claims are relative to
  netpol::PluginChoice plugin = {};   // what the plan's workspace says of it
};

Result<ClaimFile> claims_of_plan(const std::string& file) {
  const launch::Workspace workspace = TRY(launch::open_workspace(file, std::nullopt));
  ClaimFile found{.claims = {}, .folder = workspace.root};
  found.plugin = TRY(launch::network_of({.root = workspace.root, .files = workspace.files}));
  for (const launch::ClaimBlock& block : TRY(launch::find_claim_blocks(workspace))) {
    const std::optional<netpol::ClaimKind> kind = netpol::find_claim_kind(block.kind);
    if (!kind) return base::internal_error("no claim of kind " + block.kind);
    Result<Claim> claim = netpol::parse_claim(block.block, *kind);
    if (claim && claim->name.empty()) claim->name = block.step + ": net." + block.kind;
    found.claims.push_back(std::move(claim));
  }
  if (found.claims.empty())
    return base::input_error("the plan " + file + " claims nothing about reachability", {},
                             "write a gantry block with check: net.only, or net.never, net.must, net.isolated, "
                             "net.equal, net.contained");
  return found;
}

// A plan is Markdown; everything else is a list of claims.
Result<ClaimFile> load_claims(const std::string& file) {
  if (file.ends_with(".md")) return claims_of_plan(file);
  const std::string text = TRY(read_text(file));
  const base::Node document =
      TRY(base::load_yaml_document(text, file, {.rules = base::ScalarRules::core, .limits = {}}));
  return ClaimFile{.claims = TRY(netpol::parse_each_claim(document)), .folder = fs::path(file).parent_path().string()};
}

// ---- Judging them

class Judge {
 public:
  Judge(const Invocation& invocation, const CheckFlags& flags, const LoadedManifests& loaded,
        const netpol::PluginChoice& plugin, const netpol::AnalysisOptions& options, const ClaimFile& file)
      : invocation_(invocation), flags_(flags), loaded_(loaded), plugin_(plugin), options_(options), file_(file) {}

  Result<netpol::ClaimResult> judge(const Claim& claim);

 private:
  Result<netpol::Reachability> reach_of(const Claim& claim);
  netpol::Profile profile_of(const Claim& claim) const;
  Result<kube::Snapshot> load_set(const std::string& path, const Claim& claim) const;

  const Invocation& invocation_;
  const CheckFlags& flags_;
  const LoadedManifests& loaded_;
  const netpol::PluginChoice& plugin_;
  const netpol::AnalysisOptions& options_;
  const ClaimFile& file_;
  // Where pods get their addresses is each claim's own to say: those that say the same share an analysis.
  std::map<std::vector<kube::Cidr>, netpol::Reachability> known_;
};

Result<netpol::Reachability> Judge::reach_of(const Claim& claim) {
  if (const auto known = known_.find(claim.pod_ranges); known != known_.end()) return known->second;
  std::vector<Claim> alike;
  for (const Result<Claim>& each : file_.claims)
    if (each && each->pod_ranges == claim.pod_ranges) alike.push_back(*each);
  netpol::AnalysisOptions options = options_;
  netpol::add_to(options.endpoints, alike);
  return known_.emplace(claim.pod_ranges, TRY(netpol::analyse(loaded_.snapshot, options, invocation_.stop)))
      .first->second;
}

// A claim that names its plugin is about that one, whatever is assumed of the others.
netpol::Profile Judge::profile_of(const Claim& claim) const { return claim.plugin.or_else(plugin_).answers(); }

std::string nearest_beside(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code failure;
  const fs::path folder = path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
  for (fs::directory_iterator at(folder.empty() ? "." : folder, failure), end; !failure && at != end;
       at.increment(failure))
    names.push_back(at->path().filename().string());
  const std::string name = (path.has_filename() ? path : path.parent_path()).filename().string();
  const std::optional<std::string_view> nearest =
      base::nearest_name(name, std::vector<std::string_view>(names.begin(), names.end()));
  return nearest ? fmt::format("did you mean {}?", *nearest) : "name a file or folder that holds policies";
}

Result<kube::Snapshot> Judge::load_set(const std::string& path, const Claim& claim) const {
  if (path.empty()) return loaded_.snapshot;
  const fs::path whole = fs::path(file_.folder) / path;
  std::error_code failure;
  if (!fs::exists(whole, failure))
    return base::input_error(fmt::format("there is no file or folder {}", path), claim.where, nearest_beside(whole));
  LoadedManifests set = TRY(load_manifests(invocation_, {whole.string()}, "", flags_.assumptions.name_space));
  invocation_.terminal.say(report::render_notes(netpol::report_unjudged(set.snapshot)));
  return std::move(set.snapshot);
}

Result<netpol::ClaimResult> Judge::judge(const Claim& claim) {
  if (!netpol::is_about_sets(claim.kind)) {
    const netpol::Reachability reach = TRY(reach_of(claim));
    return netpol::judge_claim(reach.with_profile(profile_of(claim)), claim);
  }
  netpol::AnalysisOptions options = options_;
  options.profile = profile_of(claim);
  netpol::add_to(options.endpoints, {claim});
  netpol::PolicySets sets;
  sets.system = loaded_.snapshot;
  sets.policies = TRY(load_set(claim.policies, claim));
  sets.others = TRY(load_set(claim.others, claim));
  return netpol::judge_sets(sets, claim, options, invocation_.stop);
}

// Each mistake with its place, and what was probably meant.
int fail_by_all(const Invocation& invocation, const std::vector<base::Error>& errors) {
  for (const base::Error& error : std::span(errors).first(errors.size() - 1)) invocation.terminal.show(error);
  return fail(invocation, errors.back());
}

ExitCode exit_code_of(const std::vector<report::JudgedClaim>& judged) {
  const auto any = [&](netpol::ClaimVerdict verdict) {
    return std::ranges::any_of(judged, [&](const auto& each) { return each.result.verdict == verdict; });
  };
  if (any(netpol::ClaimVerdict::refuted)) return kNo;
  return any(netpol::ClaimVerdict::depends) ? kUndecided : kYes;
}

Result<int> check(const Invocation& invocation, const CheckFlags& flags) {
  const ClaimFile file = TRY(load_claims(flags.claims));
  netpol::PluginChoice plugin = TRY(flags.assumptions.plugin());
  plugin = plugin.or_else(file.plugin).or_else(TRY(flags.input.plugin(flags.assumptions)));
  const netpol::AnalysisOptions options = TRY(flags.assumptions.options(plugin));
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  TRY(check_manifests(invocation, loaded));
  Judge judge(invocation, flags, loaded, plugin, options, file);
  std::vector<report::JudgedClaim> judged;
  std::vector<base::Error> errors;
  for (const Result<Claim>& claim : file.claims) {
    if (invocation.stop.stop_requested()) return kInterrupted;
    Result<netpol::ClaimResult> result = claim ? judge.judge(*claim) : std::unexpected(claim.error());
    if (result) {
      judged.push_back({.claim = *claim, .result = *std::move(result)});
    } else {
      errors.push_back(std::move(result).error());
    }
  }
  if (!errors.empty()) return fail_by_all(invocation, errors);
  report::RenderOptions render = invocation.terminal.render_options();
  render.detail = flags.verbose ? report::Detail::verbose : report::Detail::normal;
  return finish(invocation, flags.json ? report::render_claims_json(judged) : report::render_claims(judged, render),
                exit_code_of(judged));
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<CheckFlags>();
  app.add_option("CLAIMS", flags->claims, "A file of claims (YAML), or a launch plan (.md) for those of its steps")
      ->required()
      ->type_name("");
  flags->input.define(app);
  app.add_flag("--json", flags->json, "Print as JSON");
  app.add_flag("-v,--verbose", flags->verbose, "Show every counterexample");
  flags->assumptions.define(app);
  app.callback([flags, &action] { action = result_action(flags, check); });
}

}  // namespace

const Command kNetCheckCommand = {
    .name = "check",
    .summary = "Prove or refute claims about who reaches whom",
    .examples =
        "  gantry net check claims.yaml manifests/\n"
        "  gantry net check launch-plan.md             the claims of the plan's steps\n"
        "  gantry net check claims.yaml --context prod\n\n"
        "A claim is one of only, never, must and isolated, about who reaches whom, or of equal and contained, about "
        "two\n"
        "sets of policies (docs/formats/net-claims.md).\n"
        "Exit status: 0 all proved, 1 one is refuted, 2 claims are about something that is not there (all of them are "
        "told), 3 undecided.",
    .define = define};

}  // namespace gantry::cli
