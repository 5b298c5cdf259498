#include "load/vu/request_plan.h"

#include "load/vu/pair_text.h"
#include "load/vu/response.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::load {

namespace {

// That are remembered of a place; a script that makes up URLs starts anew now and then.
constexpr std::size_t kPlansMax = 10'000;
constexpr std::size_t kResultsMax = 100;

RequestPlan make_plan(std::string_view key, std::string_view agent) {
  RequestPlan plan;
  plan.method = take_text(key);
  plan.text = take_text(key);
  plan.url = Url::parse(plan.text);
  plan.name = take_text(key);
  if (plan.name.empty()) plan.name = plan.text;
  if (!plan.url) {
    const UrlFault fault = find_url_fault(plan.text);
    plan.refusal = {fault.is_invalid ? 1020 : 1000, fault.is_invalid ? "invalid URL: " + fault.text : fault.text};
  }
  if (!is_token(plan.method)) plan.refusal = {1000, fmt::format("net/http: invalid method \"{}\"", plan.method)};
  while (!key.empty()) plan.tags.emplace_back(take_text(key));
  if (!plan.url) return plan;
  plan.goes_to = fmt::format("{}:{}", plan.url->host, plan.url->port);
  plan.head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}", plan.method, plan.url->target, plan.url->authority,
                          say_agent(agent));
  plan.whole = fmt::format("{}{}", plan.head, end_without_body(plan.method));
  return plan;
}

void add_tags(Tags& tags, const SystemTags& system, const RequestPlan& plan, const RequestPlan::Result& result,
              int error_code) {
  for (std::size_t i = 0; i + 1 < plan.tags.size(); i += 2) set_tag(tags, plan.tags[i], plan.tags[i + 1]);
  // A name that the script gives is that of the URL too, so that it makes no series of its own.
  const auto named = std::ranges::find(tags, "name", &Tags::value_type::first);
  const std::string name = named == tags.end() ? plan.name : named->second;
  if (named == tags.end()) system.set(tags, SystemTag::name, name);
  system.set(tags, SystemTag::url, name);
  system.set(tags, SystemTag::method, plan.method);
  system.set(tags, SystemTag::status, std::to_string(result.status));
  if (result.status != 0) system.set(tags, SystemTag::proto, to_string(result.version));
  if (!result.ip.empty()) system.set(tags, SystemTag::ip, result.ip);
  if (!result.tls_version.empty()) system.set(tags, SystemTag::tls_version, result.tls_version);
  if (!result.ocsp.empty()) system.set(tags, SystemTag::ocsp_status, result.ocsp);
  if (error_code != 0) system.set(tags, SystemTag::error_code, std::to_string(error_code));
  if (!result.failure_text.empty()) system.set(tags, SystemTag::error, result.failure_text);
  if (result.is_expected) system.set(tags, SystemTag::expected_response, *result.is_expected ? "true" : "false");
}

}  // namespace

std::string say_agent(std::string_view agent) {
  return agent.empty() ? std::string() : fmt::format("User-Agent: {}\r\n", agent);
}

std::string_view end_without_body(std::string_view method) {
  const bool says_so = method == "POST" || method == "PUT" || method == "PATCH";
  return says_so ? "Content-Length: 0\r\n\r\n" : "\r\n";
}

std::shared_ptr<RequestPlan> find_plan(Vu& vu, const std::string& key) {
  SamplePlace& place = vu.place();
  RequestPlans& plans = place.requests;
  if (const auto known = plans.find(key); known != plans.end()) return known->second;
  if (plans.size() == kPlansMax) plans.clear();
  auto plan = std::make_shared<RequestPlan>(make_plan(key, vu.shared().requests.user_agent));
  plan->place = place.tags;
  plans.emplace(key, plan);
  return plan;
}

TagSetId find_tags(Vu& vu, RequestPlan& plan, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  const SystemTags& system = vu.shared().system_tags;
  Recorder& recorder = vu.shared().recorder;
  const Link& link = outcome.link();
  const std::string_view ip = system.has(SystemTag::ip) ? std::string_view(link.ip) : std::string_view();
  // What was said of a connection is told with an answer.
  const bool is_told = outcome.head.status != 0 && !link.tls_version.empty();
  const std::string_view tls = is_told ? std::string_view(link.tls_version) : std::string_view();
  const std::string_view ocsp =
      is_told && system.has(SystemTag::ocsp_status) ? ocsp_status(link.ocsp.get()) : std::string_view();
  const auto is_like = [&](const RequestPlan::Result& known) {
    return known.status == outcome.head.status && known.version == outcome.head.version &&
           known.failure == outcome.failure.code && known.is_expected == is_expected &&
           known.failure_text == outcome.failure.text && known.tls_version == tls && known.ip == ip &&
           known.ocsp == ocsp;
  };
  if (const auto known = std::ranges::find_if(plan.results, is_like); known != plan.results.end()) return known->tags;
  RequestPlan::Result result{outcome.head.status,  outcome.head.version, outcome.failure.code, is_expected,
                             outcome.failure.text, std::string(tls),     std::string(ip),      ocsp};
  Tags tags = recorder.tags(plan.place);
  add_tags(tags, system, plan, result, error_code_of(outcome));
  result.tags = recorder.intern(std::move(tags));
  if (plan.results.size() == kResultsMax) plan.results.clear();
  plan.results.push_back(result);
  return result.tags;
}

}  // namespace gantry::load
