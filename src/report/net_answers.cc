// Answers to questions about flows: as a list for scripts and people, and one with all that speaks for and against it.

#include "report/net.h"
#include "report/net_values.h"
#include "report/page.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

namespace gantry::report {

using netpol::Access;
using netpol::Answer;
using netpol::Question;
using netpol::Reachability;

namespace {

constexpr std::size_t kFlowsShown = 20;

struct AccessLook {
  std::string_view glyph;
  std::string_view word;
  Style style;
};
constexpr std::array<AccessLook, 3> kAccessLooks = {{
    {"✗", "denied", Style::bad},
    {"?", "depends", Style::warning},
    {"✓", "allowed", Style::good},
}};
static_assert(kAccessLooks.size() == static_cast<std::size_t>(Access::yes) + 1);

const AccessLook& look_of(Access access) { return kAccessLooks.at(static_cast<std::size_t>(access)); }

Json json_port(const kube::PortRef& port) {
  if (const kube::Port* number = std::get_if<kube::Port>(&port)) return number->value();
  return std::get<std::string>(port);
}

Json json_answer(const Question& question, const Answer& answer) {
  return {
      {"src", question.source_text},
      {"dst", question.destination_text},
      {"protocol", kube::to_string(question.protocol)},
      {"port", json_port(question.port)},
      {"verdict", answer.is_allowed() ? "allow" : "deny"},
      {"access", netpol::to_string(answer.access)},
      {"why", answer.why},
      {"note", answer.note},
      {"depends_on", json_topics(answer.depends_on)},
  };
}

std::string flow_text(const Question& question) {
  return fmt::format("{} -> {}:{}/{}", question.source_text, question.destination_text, kube::to_string(question.port),
                     kube::to_string(question.protocol));
}

void write_verdict(Page& page, const Question& question, const Answer& answer) {
  const AccessLook& look = look_of(answer.access);
  page.row(0, {{.text = std::string(look.glyph), .width = 1, .style = look.style},
               {.text = std::string(look.word), .width = 7, .style = look.style},
               {.text = flow_text(question), .style = Style::strong, .lines_max = 4}});
}

void write_rule(Page& page, std::string_view verb, const netpol::RulePlace& place, Style style) {
  page.row(
      4, {{.text = std::string(verb), .width = 8, .style = style}, {.text = netpol::to_string(place), .lines_max = 3}});
  page.row(13, {{.text = base::to_string(place.where), .style = Style::accent, .lines_max = 3}});
}

void write_side(Page& page, std::string_view title, const netpol::SideExplanation& side) {
  const AccessLook& look = look_of(side.access);
  page.row(2, {{.text = std::string(title), .width = title.size()},
               {.text = fmt::format("{}: {}", look.word, netpol::to_string(side.decided_by)), .style = look.style}});
  for (const netpol::RulePlace& place : side.admitting) write_rule(page, "admits", place, Style::good);
  for (const netpol::RulePlace& place : side.denying) write_rule(page, "denies", place, Style::bad);
  for (const netpol::Refusal& refusal : side.refusals) {
    write_rule(page, "isolates", refusal.place, Style::bad);
    page.row(13, {{.text = refusal.message, .style = Style::faint, .lines_max = 4}});
  }
}

std::string flow_heading(const Reachability& reach, const netpol::AnsweredFlow& answered) {
  const netpol::Flow& flow = answered.flow;
  return fmt::format("{} -> {}:{}/{}, {}", reach.endpoints()[flow.source].name,
                     reach.endpoints()[flow.destination].name, flow.port.value(), kube::to_string(flow.protocol),
                     flow.family == kube::IpFamily::v4 ? "IPv4" : "IPv6");
}

Json json_flow(const Reachability& reach, const netpol::AnsweredFlow& answered) {
  const netpol::Flow& flow = answered.flow;
  return {
      {"source", reach.endpoints()[flow.source].name},
      {"destination", reach.endpoints()[flow.destination].name},
      {"protocol", kube::to_string(flow.protocol)},
      {"port", flow.port.value()},
      {"family", flow.family == kube::IpFamily::v4 ? "IPv4" : "IPv6"},
      {"loopback", answered.is_loopback},
      {"explanation", json_explanation(answered.why)},
  };
}

}  // namespace

std::string render_answers_json(const Reachability&, std::span<const Question> questions,
                                std::span<const Answer> answers) {
  assert(questions.size() == answers.size());
  Json list = Json::array();
  for (std::size_t i = 0; i < answers.size(); ++i) list.push_back(json_answer(questions[i], answers[i]));
  return dump_document(list);
}

std::string render_answers(const Reachability&, std::span<const Question> questions, std::span<const Answer> answers,
                           const RenderOptions& options) {
  assert(questions.size() == answers.size());
  Page page(options.width, options.colour);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    write_verdict(page, questions[i], answers[i]);
    page.row(10, {{.text = answers[i].why, .style = Style::faint, .lines_max = 4}});
    page.row(10, {{.text = answers[i].note, .style = Style::warning, .lines_max = 6}});
  }
  return page.text();
}

std::string render_explanation(const Reachability& reach, const Question& question, const Answer& answer,
                               const RenderOptions& options) {
  Page page(options.width, options.colour);
  write_verdict(page, question, answer);
  page.row(2, {{.text = answer.why, .lines_max = 6}});
  page.row(2, {{.text = answer.note, .style = Style::warning, .lines_max = 12}});
  std::size_t shown = 0;
  for (const netpol::AnsweredFlow& answered : answer.flows) {
    if (answered.is_loopback) continue;
    page.blank();
    if (++shown > kFlowsShown) {
      page.row(2, {{.text = "and more flows: --json has them all", .style = Style::faint}});
      break;
    }
    if (answer.flows.size() > 1)
      page.row(2, {{.text = flow_heading(reach, answered), .style = Style::strong, .lines_max = 3}});
    write_side(page, "leaving the source       ", answered.why.egress);
    write_side(page, "arriving at destination  ", answered.why.ingress);
  }
  return page.text();
}

std::string render_explanation_json(const Reachability& reach, const Question& question, const Answer& answer) {
  Json document = {{"schema", "gantry.net-explain/v1"}};
  document.update(json_answer(question, answer));
  document["flows"] = json_list(answer.flows, [&](const netpol::AnsweredFlow& each) { return json_flow(reach, each); });
  return dump_document(document);
}

}  // namespace gantry::report
