#pragma once

// What a load test found, as k6 prints it at its end (k6 reference, §13.1): the same words and figures, so that what people grep for is
// still there. As in report.h: pure, and no name from a script leaves the line it stands on.

#include "base/time.h"
#include "load/load.h"
#include "report/report.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

std::string render_load_summary(const load::RunOutcome& outcome, const RenderOptions& options);

// The same, what Gantry measured beside it, and how the run went over its time, as an HTML page that needs nothing else.
struct LoadPage {
  std::string script;       // its name
  base::Timestamp ended{};  // the run
};
std::string render_load_html(const load::RunOutcome& outcome, const LoadPage& page);

// While it lasts, as a page that keeps itself up to date: it asks for the stream "events" beside it (text/event-stream). There an event "parts" has
// what changes on the page, by the ids of its elements, and an event "end" says that nothing will any more. `progress` is what taking stock of
// the run has just given. With the page go the words of its Content-Security-Policy: it may ask for that stream, and for nothing else.
std::string render_load_live_page(std::string_view script, const load::RunLook& look,
                                  const load::RunProgress& progress);
std::string render_load_live_parts(const load::RunLook& look, const load::RunProgress& progress);  // JSON
std::string load_live_policy();

// On a terminal meanwhile: what is going to run, a line for each scenario; how far it is, in one line; and the same over a bar for each scenario, each
// line at most `width` columns. `requests_per_second` is of late.
std::string render_load_start(std::string_view script, const load::RunProgress& progress);
std::string render_load_status(const load::RunProgress& progress, double requests_per_second);
std::vector<std::string> render_load_view(const load::RunProgress& progress, double requests_per_second, int width);

}  // namespace gantry::report
