// A load test as one page that needs nothing else: no script, no font, style or picture from elsewhere. Readable on light and on dark
// screens and on paper. What k6 would say of the run and what Gantry found beside it stand side by side, and never one for the other.

#include "report/load.h"

#include "base/json.h"
#include "base/text.h"
#include "base/version.h"
#include "load/options/redacted.h"
#include "report/load_html_parts.h"
#include "report/load_page_style.h"
#include "report/xml.h"

#include <fmt/format.h>

namespace gantry::report {

namespace {

// Line by line: one line is all that can be made inert and keep its shape.
std::string options_text(const base::Node& options) {
  const std::string json = base::dump_json(options, base::JsonStyle::indented);
  std::string text;
  for (const std::string_view line : base::split(json, '\n')) text += xml_text(line) + "\n";
  return text;
}

}  // namespace

std::string render_load_html(const load::RunOutcome& outcome, const LoadPage& page) {
  const std::string script = xml_text(page.script);
  const HtmlCell verdict = load_verdict(outcome);
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n<p class=\"soft\">{2}</p>\n"
      "</header>\n<p class=\"verdict {3}\">{4}</p>\n<main>\n",
      script, kLoadPageStyle, base::format_rfc3339(page.ended), verdict.css_class, xml_text(verdict.text));
  for (const auto& section : {html_tiles, html_remarks, html_charts, html_latencies, html_thresholds, html_checks,
                              html_metrics, html_generator, html_intervals})
    text += section(outcome);
  text += fmt::format("<details>\n<summary>Options in force</summary>\n<pre>{}</pre>\n</details>\n</main>\n",
                      options_text(load::redact_options(outcome.options)));
  return text + fmt::format("<footer>gantry {}</footer>\n</body>\n</html>\n", base::version());
}

}  // namespace gantry::report
