// A load test as one page that needs nothing else: no script, no font, style or picture from elsewhere. Readable on light and on dark
// screens and on paper. What k6 would say of the run and what Gantry found beside it stand side by side, and never one for the other.

#include "report/load.h"

#include "base/json.h"
#include "base/text.h"
#include "base/version.h"
#include "load/options/redacted.h"
#include "report/load_html_parts.h"
#include "report/xml.h"

#include <fmt/format.h>

namespace gantry::report {

namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--page:#ffffff;--text:#1f2328;--soft:#59636e;--line:#d8dee4;--tile:#f6f8fa;--good:#1a7f37;
--bad:#b3261e;--warn:#8a5a00;--a:#0969da;--b:#1a7f37;--c:#8250df;--d:#b3261e;--mark:#f8d7a8}
@media(prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#30363d;--tile:#161b22;
--good:#3fb950;--bad:#f2766d;--warn:#e3b341;--a:#58a6ff;--b:#3fb950;--c:#bc8cff;--d:#f2766d;--mark:#5a3d12}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:32px 20px 64px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:26px;margin:0;overflow-wrap:anywhere}h2{font-size:18px;margin:40px 0 12px}p{margin:6px 0}
.soft,.note{color:var(--soft)}
.verdict{margin:20px 0;padding:12px 16px;border-left:6px solid;background:var(--tile);font-weight:600;overflow-wrap:anywhere}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0}
.tiles div{background:var(--tile);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.tiles dt{color:var(--soft);font-size:13px}.tiles dd{margin:0;font-size:22px;font-weight:600;overflow-wrap:anywhere}
.tiles .under{display:block;font-size:13px;font-weight:400;color:var(--soft)}
.remarks{margin:0;padding-left:22px}.remarks li{margin:6px 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:500;font-size:13px}tbody th{font-weight:500;overflow-wrap:anywhere}
td.figure,th.figure{text-align:right;white-space:nowrap}
svg{width:100%;height:auto;margin:0 0 18px;font:12px system-ui,sans-serif}svg text{fill:var(--text)}
svg .title{font-weight:600;font-size:14px}svg .note{fill:var(--soft)}svg .grid{stroke:var(--line);fill:none}
svg .line{fill:none;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}svg .mark{fill:var(--mark)}
svg .a{stroke:var(--a)}svg .b{stroke:var(--b);stroke-dasharray:6 4}svg .c{stroke:var(--c);stroke-dasharray:2 4}
svg .d{stroke:var(--d)}
details{margin:16px 0}summary{cursor:pointer;font-weight:600}
pre{background:var(--tile);padding:12px;overflow-x:auto;font:13px/1.45 ui-monospace,monospace}
footer{margin-top:48px;color:var(--soft);font-size:13px}
@media print{details>*{display:block}h2{break-after:avoid}svg{break-inside:avoid}}
)";

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
      script, kStyle, base::format_rfc3339(page.ended), verdict.css_class, xml_text(verdict.text));
  for (const auto& section : {html_tiles, html_remarks, html_charts, html_latencies, html_thresholds, html_checks,
                              html_metrics, html_generator, html_intervals})
    text += section(outcome);
  text += fmt::format("<details>\n<summary>Options in force</summary>\n<pre>{}</pre>\n</details>\n</main>\n",
                      options_text(load::redact_options(outcome.options)));
  return text + fmt::format("<footer>gantry {}</footer>\n</body>\n</html>\n", base::version());
}

}  // namespace gantry::report
