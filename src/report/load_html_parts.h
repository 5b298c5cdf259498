#pragma once

// What the page of a load test is put together from. All text is made inert and escaped here. Private to report.

#include "load/load.h"
#include "report/load.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

struct HtmlCell {
  std::string text;
  std::string_view css_class = {};  // "good", "bad", "warn", "figure"
};

// The first cell of a row is its heading; rows without a cell are left out.
std::string html_table(const std::vector<std::string_view>& head, const std::vector<std::vector<HtmlCell>>& rows);

std::string html_section(std::string_view title, const std::string& content);

// What the run came to, in one sentence, and how that looks: "good", "bad" or "warn".
HtmlCell load_verdict(const load::RunOutcome& outcome);

// The sections of the page.
std::string html_tiles(const load::RunOutcome& outcome);
std::string html_remarks(const load::RunOutcome& outcome);
std::string html_charts(const load::RunOutcome& outcome);
std::string html_charts_so_far(const load::RunOutcome& outcome);  // without the interval that goes on
std::string html_latencies(const load::RunOutcome& outcome);
std::string html_thresholds(const load::RunOutcome& outcome);
std::string html_checks(const load::RunOutcome& outcome);
std::string html_metrics(const load::RunOutcome& outcome);
std::string html_generator(const load::RunOutcome& outcome);
std::string html_intervals(const load::RunOutcome& outcome);

}  // namespace gantry::report
