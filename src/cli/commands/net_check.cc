#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "base/yaml.h"
#include "launch/launch.h"
#include "report/net.h"

#include <algorithm>
#include <array>
#include <memory>

namespace gantry::cli {

namespace {

using netpol::ClaimKind;
constexpr std::array kKinds = {ClaimKind::only, ClaimKind::never, ClaimKind::must, ClaimKind::isolated};

struct CheckFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string claims;
  bool json = false;
  bool verbose = false;
};

base::Result<std::vector<netpol::Claim>> claims_of_plan(const std::string& file) {
  const launch::Workspace workspace = TRY(launch::open_workspace(file, std::nullopt));
  std::vector<netpol::Claim> claims;
  for (const launch::ClaimBlock& block : TRY(launch::find_claim_blocks(workspace))) {
    const auto* const kind = std::ranges::find(kKinds, block.kind, [](ClaimKind each) { return to_string(each); });
    if (kind == kKinds.end()) return base::internal_error("no claim of kind " + block.kind);
    netpol::Claim claim = TRY(netpol::parse_claim(block.block, *kind));
    if (claim.name.empty()) claim.name = block.step + ": net." + block.kind;
    claims.push_back(std::move(claim));
  }
  if (claims.empty())
    return base::input_error("the plan " + file + " claims nothing about reachability", {},
                             "write a gantry block with check: net.only, net.never, net.must or net.isolated");
  return claims;
}

// A plan is Markdown; everything else is a list of claims.
base::Result<std::vector<netpol::Claim>> load_claims(const std::string& file) {
  if (file.ends_with(".md")) return claims_of_plan(file);
  const std::string text = TRY(read_text(file));
  const base::Node document =
      TRY(base::load_yaml_document(text, file, {.rules = base::ScalarRules::core, .limits = {}}));
  return netpol::parse_claims(document);
}

ExitCode exit_code_of(const std::vector<report::JudgedClaim>& judged) {
  const auto any = [&](netpol::ClaimVerdict verdict) {
    return std::ranges::any_of(judged, [&](const auto& each) { return each.result.verdict == verdict; });
  };
  if (any(netpol::ClaimVerdict::refuted)) return kNo;
  return any(netpol::ClaimVerdict::depends) ? kUndecided : kYes;
}

base::Result<int> check(const Invocation& invocation, const CheckFlags& flags) {
  std::vector<netpol::Claim> claims = TRY(load_claims(flags.claims));
  netpol::AnalysisOptions options = TRY(flags.assumptions.options());
  netpol::add_to(options.endpoints, claims);
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options));
  std::vector<report::JudgedClaim> judged;
  for (netpol::Claim& claim : claims) {
    if (invocation.stop.stop_requested()) return kInterrupted;
    netpol::ClaimResult result = TRY(netpol::judge_claim(reach, claim));
    judged.push_back({.claim = std::move(claim), .result = std::move(result)});
  }
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
        "Exit status: 0 all proved, 1 one is refuted, 2 a claim is about something that is not there, 3 undecided.",
    .define = define};

}  // namespace gantry::cli
