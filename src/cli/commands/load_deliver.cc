#include "cli/commands/load_deliver.h"

#include "base/json.h"
#include "base/time.h"
#include "cli/commands/load_sinks.h"
#include "cli/named_file.h"
#include "http/gzip_writer.h"
#include "load/summary/data.h"
#include "load/summary/new_form.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace gantry::cli {

namespace {

using base::Result;

Result<void> write_for_script(const Terminal& terminal, const std::string& file, const ScriptsFolders& folders,
                              std::string_view text) {
  return write_result(terminal, TRY(find_scripts_file(file, folders)), text);
}

// What handleSummary() asked for, or k6's own summary.
Result<void> deliver_summary(const Invocation& invocation, const LoadSettings& flags, LoadLog& log,
                             const load::RunOutcome& outcome) {
  if (!flags.summary_export.empty()) {
    const base::SystemClock clock;
    const base::Node summary =
        flags.has_new_summary ? load::make_new_summary(outcome, clock.now()) : load::make_summary_export(outcome);
    const std::string text = base::dump_json(summary, base::JsonStyle::indented) + "\n";
    // k6: said, and the exit code stays.
    if (const Result<void> written = write_result(invocation.terminal, flags.summary_export, text); !written)
      invocation.terminal.show(written.error());
  }
  if (!outcome.summary_files) {
    report::RenderOptions options = invocation.terminal.render_options();
    options.detail = flags.summary_mode == "full" ? report::Detail::verbose : report::Detail::normal;
    return invocation.terminal.print("\n" + report::render_load_summary(outcome, options));
  }
  for (const std::string& remark : load::make_remarks(outcome)) log.say(load::LogLevel::warning, remark, "");
  for (const auto& [file, text] : *outcome.summary_files) {
    if (file == "stdout")
      TRY(invocation.terminal.print(text));
    else if (file == "stderr")
      invocation.terminal.say(text);
    else if (const Result<void> written = write_for_script(invocation.terminal, file, flags.scripts_folders, text);
             !written)
      invocation.terminal.show(written.error());  // k6: logged, the exit code stays
  }
  return {};
}

// As k6 ends: what handleSummary() has written in place of the summary need not say it.
void name_crossed(const Terminal& terminal, const load::RunOutcome& outcome) {
  if (outcome.end != load::RunEnd::thresholds_crossed || outcome.error) return;
  std::vector<std::string> crossed;
  for (const load::JudgedMetric& metric : outcome.thresholds)
    if (!std::ranges::all_of(metric.thresholds, [](const load::JudgedThreshold& each) { return each.judgement.holds; }))
      crossed.push_back(metric.selector.text);
  std::ranges::sort(crossed);
  terminal.show({.kind = base::ErrorKind::input,
                 .message = fmt::format("thresholds on metrics '{}' have been crossed", fmt::join(crossed, ", "))});
}

}  // namespace

void write_pages(const Invocation& invocation, const std::vector<std::string>& files, const load::RunOutcome& outcome,
                 const report::LoadPage& page) {
  for (const std::string& file : files) {
    std::string text = report::render_load_html(outcome, page);
    if (file.ends_with(".gz")) text = http::GzipWriter().feed(text, http::Flush::end);
    if (const Result<void> written = write_result(invocation.terminal, file, text); !written)
      invocation.terminal.show(written.error());
  }
}

Result<void> deliver_outcome(const Invocation& invocation, const LoadSettings& settings, LoadLog& log,
                             load::RunOutcome& outcome, const std::function<Result<void>()>& hand_in) {
  Result<void> summarized = {};
  if (outcome.has_begun && settings.summary_mode != "disabled")
    summarized = deliver_summary(invocation, settings, log, outcome);
  if (Result<void> handed_in = hand_in(); !handed_in) {
    const bool was_stopped = invocation.stop.stop_requested();
    if (outcome.end == load::RunEnd::passed && !was_stopped) return handed_in;
    invocation.terminal.show(handed_in.error());  // and the exit code says that the run did not come to a good end
    if (outcome.end == load::RunEnd::passed) outcome.end = load::RunEnd::stopped;
  }
  name_crossed(invocation.terminal, outcome);
  return summarized;
}

}  // namespace gantry::cli
