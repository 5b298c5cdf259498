// A load test while it lasts, as one page that needs nothing from elsewhere. It is whole as it is served; a few lines of script put in what the
// server sends afterwards. What stands on it is drawn by what draws the report, so that both show the same.

#include "base/base64.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/version.h"
#include "load/options/duration.h"
#include "load/summary/progress.h"
#include "load/summary/remarks.h"
#include "report/load.h"
#include "report/load_html_parts.h"
#include "report/load_page_style.h"
#include "report/load_scenario_state.h"
#include "report/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <utility>

namespace gantry::report {

namespace {

using load::RunLook;
using load::RunPhase;
using load::RunProgress;

constexpr std::string_view kLiveStyle = R"(
.live{margin:12px 0 0;font-size:17px;overflow-wrap:anywhere}
.scenario{margin:0 0 12px}.scenario progress{display:block;width:100%;height:12px;margin:4px 0;accent-color:var(--a)}
#connection:empty{display:none}
)";

// An event has the parts of the page by their ids. A part that stays as it is is left alone, and what somebody has moved below its window stays
// so; charts begin with what is newest in view. Where the stream was lost and is there again, it may be another run's. No character here means
// anything to HTML.
constexpr std::string_view kScript = R"(
'use strict';
const at = (id) => document.getElementById(id);
const tell = (text) => { at('connection').textContent = text; };
const start = (wide) => wide.matches('.chart') ? wide.scrollWidth : 0;
const shown = new Map();
const put = (element, html) => {
  const moved = [...element.querySelectorAll('.wide')].map((each) => each.scrollLeft);
  element.innerHTML = html;
  element.querySelectorAll('.wide').forEach((each, i) => { each.scrollLeft = i in moved ? moved[i] : start(each); });
};
document.querySelectorAll('.wide').forEach((each) => { each.scrollLeft = start(each); });
let last = new Date();
const events = new EventSource('events');
events.addEventListener('parts', (event) => {
  last = new Date();
  tell('');
  for (const [id, html] of Object.entries(JSON.parse(event.data))) {
    if (shown.get(id) === html) continue;
    shown.set(id, html);
    put(at(id), html);
  }
});
events.addEventListener('end', () => {
  events.close();
  tell('This is how the run came out. Nothing more will change here.');
});
let is_lost = false;
events.addEventListener('open', () => { if (is_lost) location.reload(); });
events.addEventListener('error', () => {
  is_lost = true;
  tell('Nothing has come from the run since ' + last.toLocaleTimeString() + '. What is shown is from then.');
});
)";

std::string seconds(std::chrono::nanoseconds time) {
  return load::format_go_duration(
      std::chrono::floor<std::chrono::seconds>(std::max(time, std::chrono::nanoseconds(0))));
}

// The whole run in one line, which screen readers say each time.
std::string status_line(const RunLook& look, const RunProgress& progress) {
  switch (look.phase) {
    case RunPhase::created:
    case RunPhase::making_vus:
    case RunPhase::making_executors:
    case RunPhase::ready:
    case RunPhase::started: return fmt::format("getting ready: {} VUs so far", look.vus);
    case RunPhase::paused: return "paused: it begins once the REST API says so";
    case RunPhase::setup: return fmt::format("setup() has been running for {}", seconds(look.elapsed));
    case RunPhase::running:
      return render_load_status(progress, load::requests_per_second(look.outcome.measurement.series));
    case RunPhase::teardown: return "the scenarios are over, and teardown() is running";
    case RunPhase::ended:
    case RunPhase::interrupted:
    case RunPhase::marked_failed: break;
  }
  return fmt::format("the run has ended, after {}", seconds(look.outcome.duration));
}

std::string html_status(const RunLook& look, const RunProgress& progress) {
  return xml_text(status_line(look, progress));
}

std::string html_verdict(const RunLook& look, const RunProgress&) {
  HtmlCell verdict = load_verdict(look.outcome);
  if (look.phase < RunPhase::ended) {
    // An error's message is somebody else's, and stays as it is.
    if (!look.outcome.error)
      verdict.text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(verdict.text.front())));
    verdict.text.insert(0, "So far: ");
  }
  return fmt::format("<p class=\"verdict {}\">{}</p>\n", verdict.css_class, xml_text(verdict.text));
}

std::string html_scenarios(const RunLook& look, const RunProgress& progress) {
  std::string text;
  for (std::size_t i = 0; i < look.outcome.scenarios.size(); ++i) {
    const load::ScenarioOutcome& each = look.outcome.scenarios[i];
    const bool is_playing = i < progress.scenarios.size();
    const double part = is_playing ? load::part_done(progress.scenarios[i]) : 1;
    const std::string name = xml_text(each.scenario.name);
    text += fmt::format(
        "<div class=\"scenario\"><strong>{0}</strong> <progress max=\"1\" value=\"{1:.3f}\" aria-label=\"{0}\">{2:.0f} "
        "%</progress> {2:.0f} %, {3}: {4} complete, {5} interrupted and {6} dropped iterations</div>\n",
        name, part, std::floor(part * 100), is_playing ? load_scenario_state(progress.scenarios[i]) : "over",
        each.completed, each.interrupted, each.dropped);
  }
  return text.empty() ? "" : html_section("Scenarios", text);
}

// Those of the report that take no longer than a run can wait for.
template <std::string (*html)(const load::RunOutcome&)>
std::string of_report(const RunLook& look, const RunProgress&) {
  return html(look.outcome);
}

std::string html_course(const RunLook& look, const RunProgress&) {
  return look.phase < RunPhase::ended ? html_charts_so_far(look.outcome) : html_charts(look.outcome);
}

struct Part {
  std::string_view id;
  std::string (*html)(const RunLook& look, const RunProgress& progress);
};
constexpr Part kParts[] = {{"verdict", html_verdict},
                           {"tiles", of_report<html_tiles>},
                           {"scenarios", html_scenarios},
                           {"charts", html_course},
                           {"latencies", of_report<html_latencies>},
                           {"thresholds", of_report<html_thresholds>},
                           {"checks", of_report<html_checks>},
                           {"generator", of_report<html_generator>}};

// As a policy names what may run: https://www.w3.org/TR/CSP3/#grammardef-hash-source
std::string hash_source(std::string_view text) {
  return fmt::format("'sha256-{}'", base::encode_base64(base::sha256(text)));
}

std::string style() { return fmt::format("{}{}", kLoadPageStyle, kLiveStyle); }

}  // namespace

std::string load_live_policy() {
  return fmt::format(
      "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      hash_source(style()), hash_source(kScript));
}

std::string render_load_live_parts(const RunLook& look, const RunProgress& progress) {
  base::Node parts = base::Node::Map{{"status", html_status(look, progress), {}}};
  for (const Part& part : kParts) parts.set(part.id, part.html(look, progress));
  return base::dump_json(parts);
}

std::string render_load_live_page(std::string_view script, const RunLook& look, const RunProgress& progress) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>{0}: a load test under way</title>\n<style>{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n"
      "<p id=\"status\" class=\"live\" role=\"status\" aria-live=\"polite\">{2}</p>\n"
      "<p id=\"connection\" class=\"soft\" role=\"status\"></p>\n"
      "<noscript><p class=\"soft\">This is how the run was when the page was loaded: without scripts it stays so.</p>"
      "</noscript>\n</header>\n<main>\n",
      xml_text(script), style(), html_status(look, progress));
  for (const Part& part : kParts) text += fmt::format("<div id=\"{}\">{}</div>\n", part.id, part.html(look, progress));
  return text + fmt::format("</main>\n<footer>gantry {}</footer>\n<script>{}</script>\n</body>\n</html>\n",
                            base::version(), kScript);
}

}  // namespace gantry::report
