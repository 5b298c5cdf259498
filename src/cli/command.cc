#include "cli/command.h"

#include "cli/named_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>
#include <vector>

namespace gantry::cli {

using base::Result;

int fail(const Invocation& invocation, const base::Error& error) {
  if (invocation.stop.stop_requested()) return kInterrupted;
  invocation.terminal.show(error);
  return exit_code(error.kind);
}

int finish(const Invocation& invocation, std::string_view text, ExitCode status) {
  const Result<void> printed = invocation.terminal.print(text);
  return printed ? status : fail(invocation, printed.error());
}

void ReportFiles::define(CLI::App& app) {
  app.add_flag("--json", json, "Print the board as JSON instead of text");
  app.add_flag("-v,--verbose", verbose, "List every finding, and what the passed checks measured");
  app.add_option("--json-file", json_file, "Write the board as JSON to this file")->type_name("FILE");
  app.add_option("--junit", junit, "Write JUnit XML to this file (- for stdout)")->type_name("FILE");
  app.add_option("--sarif", sarif, "Write SARIF 2.1.0 to this file (- for stdout)")->type_name("FILE");
  app.add_option("--github", github, "Write GitHub workflow annotations to this file (- for stdout)")
      ->type_name("FILE");
  app.add_option("--markdown", markdown, "Write a Markdown summary to this file (- for stdout)")->type_name("FILE");
}

Result<void> ReportFiles::check() const {
  std::vector<std::string_view> on_stdout;
  if (json) on_stdout.push_back("--json");
  const std::array<std::pair<const std::string*, std::string_view>, 5> files = {{{&json_file, "--json-file -"},
                                                                                 {&junit, "--junit -"},
                                                                                 {&sarif, "--sarif -"},
                                                                                 {&github, "--github -"},
                                                                                 {&markdown, "--markdown -"}}};
  for (const auto& [file, option] : files)
    if (*file == "-") on_stdout.push_back(option);
  if (on_stdout.size() < 2) return {};
  return base::usage_error(fmt::format("{} would be mixed on stdout", fmt::join(on_stdout, " and ")),
                           "keep one of them, and give the others a file");
}

Result<void> deliver_file(const Invocation& invocation, const std::string& file, const std::string& text) {
  if (file != "-") return write_named_file(file, text);
  return invocation.terminal.print(text);
}

Result<void> deliver(const Invocation& invocation, const report::Board& board, const ReportFiles& files) {
  using report::Format;
  const std::array<std::pair<const std::string*, Format>, 5> wanted = {{{&files.json_file, Format::json},
                                                                        {&files.junit, Format::junit},
                                                                        {&files.sarif, Format::sarif},
                                                                        {&files.markdown, Format::markdown},
                                                                        {&files.github, Format::github}}};
  bool stdout_is_taken = false;
  for (const auto& [file, format] : wanted) {
    if (file->empty()) continue;
    TRY(deliver_file(invocation, *file, render(board, format)));
    stdout_is_taken |= *file == "-";
  }
  if (stdout_is_taken) return {};
  report::RenderOptions options = invocation.terminal.render_options();
  options.detail = files.verbose ? report::Detail::verbose : report::Detail::normal;
  return invocation.terminal.print(render(board, files.json ? Format::json : Format::terminal, options));
}

}  // namespace gantry::cli
