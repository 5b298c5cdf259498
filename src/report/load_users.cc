#include "report/load_users.h"

#include "load/summary/measured.h"
#include "load/summary/remarks.h"
#include "report/load_rows.h"
#include "report/plain_text.h"

#include <fmt/format.h>

namespace gantry::report {

namespace {

using load::show_time;
using load::TrendSink;

LoadRow percentile_row(std::string name, const TrendSink& sink) {
  LoadRow row{.name = std::move(name), .columns = {}};
  for (const double percent : load::kShownPercentiles)
    row.columns.push_back(fmt::format("p({:g})={}", percent, show_time(sink.percentile(percent))));
  row.columns.push_back("max=" + show_time(sink.max()));
  return row;
}

LoadRow beyond_row(const TrendSink& sink) {
  LoadRow row{.name = "  requests beyond", .columns = {}};
  for (const double percent : load::kShownPercentiles)
    row.columns.push_back(fmt::format("{}", load::samples_beyond(sink, percent)));
  return row;
}

}  // namespace

void add_load_users(std::string& text, const load::RunOutcome& outcome) {
  const load::Measurement& measured = outcome.measurement;
  const TrendSink corrected = measured.corrected();
  const std::vector<std::string> remarks = load::make_remarks(outcome);
  if (corrected.empty() && remarks.empty()) return;
  text += "  █ AS USERS SEE IT\n\n";
  if (!corrected.empty()) {
    add_load_rows(text, {percentile_row("response_time", corrected), beyond_row(corrected)});
    const load::Generator& generator = measured.generator;
    std::vector<LoadRow> rows = {
        {"generator_cpu", {fmt::format("{:.1f}%", 100 * generator.cpu_share()), "of one core"}}};
    if (!generator.lateness.empty())
      rows.push_back({"generator_lateness",
                      {"p(50)=" + show_time(generator.lateness.percentile(50)),
                       "p(99)=" + show_time(generator.lateness.percentile(99)),
                       "p(99.9)=" + show_time(generator.lateness.percentile(99.9)),
                       "max=" + show_time(generator.lateness.max())}});
    add_load_rows(text, rows);
    text += "\n";
  }
  for (const std::string& remark : remarks) text += fmt::format("    ! {}\n", inert_line(remark));
  if (!remarks.empty()) text += "\n";
}

}  // namespace gantry::report
