#include "cli/commands/net_commands.h"
#include "cli/commands/net_input.h"

#include "report/net.h"

#include <cstdio>
#include <memory>
#include <utility>

namespace gantry::cli {

namespace {

struct MatrixFlags {
  NetInput input;
  NetAssumptions assumptions;
  bool pods = false;
  std::string format = "text";
};

base::Result<int> matrix(const Invocation& invocation, const MatrixFlags& flags) {
  const netpol::AnalysisOptions options = TRY(flags.input.options(flags.assumptions));
  const LoadedManifests loaded = TRY(flags.input.load(invocation, flags.assumptions));
  const netpol::Matrix matrix(TRY(analyse_manifests(invocation, loaded, options)));
  const report::MatrixStyle style{
      .format = report::find_matrix_format(flags.format).value_or(report::MatrixFormat::text),
      .rows = flags.pods ? report::MatrixRows::pods : report::MatrixRows::workloads,
      .render = invocation.terminal.render_options()};
  base::Result<void> printed;
  // Nobody needs what a reader that has gone away would not see (`| head`).
  const auto print = [&](std::string_view text) {
    printed = invocation.terminal.print(text);
    return printed && std::ferror(stdout) == 0;
  };
  TRY(report::write_matrix(matrix, style, print, invocation.stop));
  TRY(std::move(printed));
  return invocation.stop.stop_requested() ? kInterrupted : kYes;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<MatrixFlags>();
  flags->input.define(app);
  app.add_flag("--pods", flags->pods, "One row for each pod instead of each workload");
  app.add_option("--format", flags->format, "text (default), csv, json, dot, svg or matrix (a grid of characters)")
      ->type_name("FORM")
      ->check(CLI::IsMember(report::matrix_format_names()));
  flags->assumptions.define(app);
  app.callback([flags, &action] { action = result_action(flags, matrix); });
}

}  // namespace

const Command kNetMatrixCommand = {
    .name = "matrix",
    .summary = "Show who reaches whom, on which ports",
    .examples =
        "  gantry net matrix manifests/                         a list: who -> whom, ports\n"
        "  gantry net matrix manifests/ --format matrix         a grid\n"
        "  gantry net matrix manifests/ --format svg > net.svg  a picture\n"
        "  gantry net matrix --context prod --pods --format csv every pair of pods, for scripts\n\n"
        "CSV has the columns src,dst,protocol,ports,verdict_note: one row for each pair and protocol with an open "
        "port.\n"
        "What depends on the network plugin, or on what the input does not say, is marked in every form.",
    .define = define};

}  // namespace gantry::cli
