#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "base/file.h"
#include "report/net.h"

#include <memory>

namespace gantry::cli {

namespace {

constexpr std::string_view kNewObjects = "gantry-policies.yaml";

struct ProposeFlags {
  NetInput input;
  NetAssumptions assumptions;
  std::string cluster_domain = "cluster.local";
  std::string new_objects;
  bool only_admit = false;
  bool only_close = false;
  bool write = false;
  bool json = false;
};

base::Result<void> write_files(const LoadedManifests& loaded, const netpol::PatchSet& patches) {
  for (const netpol::FilePatch& patch : patches.files)
    TRY(base::write_file_below(loaded.root, patch.path, patch.content));
  return {};
}

// Beside the manifests, unless it was said.
std::string new_objects_file(const ProposeFlags& flags, const LoadedManifests& loaded) {
  if (!flags.new_objects.empty()) return flags.new_objects;
  return loaded.folder.empty() ? std::string(kNewObjects) : loaded.folder + "/" + std::string(kNewObjects);
}

base::Result<int> propose(const Invocation& invocation, const ProposeFlags& flags) {
  const netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Reachability reach = TRY(analyse_manifests(invocation, loaded, options));
  const netpol::Needs needs = netpol::infer_needs(
      loaded.snapshot,
      {.cluster_domain = flags.cluster_domain, .ingress_controller = {}, .prometheus = {}, .declared = {}});
  const netpol::Judgement judgement = netpol::judge_needs(reach, needs);
  const netpol::Proposal proposal = TRY(netpol::propose(
      reach, needs, judgement, {.admit_blocked = !flags.only_close, .close_unneeded = !flags.only_admit}));
  const auto read = [&](const std::string& path) { return loaded.files->read(path); };
  const netpol::PatchSet patches =
      TRY(netpol::write_patches(loaded.snapshot, proposal, read, new_objects_file(flags, loaded)));
  const report::ProposedChange change{
      .needs = needs, .before = loaded.snapshot, .proposal = proposal, .patches = patches};
  const ExitCode code = proposal.unmet.empty() ? kYes : kNo;
  if (flags.write) {
    if (loaded.root.empty())
      return base::usage_error("--write has no files to edit: nothing was read from the disk",
                               "name the manifests' files");
    TRY(write_files(loaded, patches));
    return finish(invocation, report::render_written(change), code);
  }
  return finish(invocation,
                flags.json ? report::render_proposal_json(change)
                           : report::render_proposal(change, invocation.terminal.render_options()),
                code);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<ProposeFlags>();
  flags->input.define(app);
  CLI::Option* admit =
      app.add_flag("--only-admit", flags->only_admit, "Admit what is needed and blocked; close nothing");
  app.add_flag("--only-close", flags->only_close, "Close what nobody needs; admit nothing")->excludes(admit);
  app.add_flag("--write", flags->write, "Edit the files, write new objects, and say what changed");
  app.add_option("--new-objects", flags->new_objects,
                 "Where policies go that no file holds yet, below the workspace (default: " + std::string(kNewObjects) +
                     " beside the manifests)")
      ->type_name("FILE");
  app.add_flag("--json", flags->json, "Print as JSON");
  flags->assumptions.define(app);
  app.add_option("--cluster-domain", flags->cluster_domain, "The cluster's DNS domain (default: cluster.local)")
      ->type_name("NAME")
      ->group("Assumptions");
  app.callback([flags, &action] { action = result_action(flags, propose); });
}

}  // namespace

const Command kNetProposeCommand = {
    .name = "propose",
    .summary = "Propose the smallest change that admits what is needed and closes what is not",
    .examples =
        "  gantry net propose manifests/ | git apply       look at the patch first\n"
        "  gantry net propose manifests/ --write           edit the files, say what changed\n\n"
        "Every proposal has been analysed again: it opens nothing but what is needed. Nothing is written without "
        "--write.\n"
        "Exit status: 0, or 1 when no NetworkPolicy could admit a need.",
    .define = define};

}  // namespace gantry::cli
