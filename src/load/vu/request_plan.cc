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
  while (!key.empty()) plan.tags.emplace_back(take_text(key));
  if (plan.url)
    plan.head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", plan.method, plan.url->target,
                            plan.url->authority, agent);
  return plan;
}

std::vector<std::pair<std::string, std::string>> tags_of(const RequestPlan& plan, const RequestPlan::Result& result,
                                                         int error_code) {
  std::vector<std::pair<std::string, std::string>> tags = {
      {"method", plan.method}, {"status", std::to_string(result.status)}, {"name", plan.name}, {"url", plan.name}};
  if (result.status != 0) tags.emplace_back("proto", fmt::format("HTTP/1.{}", result.minor));
  if (!result.tls_version.empty()) tags.emplace_back("tls_version", result.tls_version);
  if (error_code != 0) tags.emplace_back("error_code", std::to_string(error_code));
  if (!result.failure_text.empty()) tags.emplace_back("error", result.failure_text);
  if (result.is_expected) tags.emplace_back("expected_response", *result.is_expected ? "true" : "false");
  for (std::size_t i = 0; i + 1 < plan.tags.size(); i += 2) tags.emplace_back(plan.tags[i], plan.tags[i + 1]);
  return tags;
}

}  // namespace

std::shared_ptr<RequestPlan> find_plan(Vu& vu, const std::string& key) {
  RequestPlans& plans = vu.place().requests;
  if (const auto known = plans.find(key); known != plans.end()) return known->second;
  if (plans.size() == kPlansMax) plans.clear();
  auto plan = std::make_shared<RequestPlan>(make_plan(key, vu.shared().requests.user_agent));
  plans.emplace(key, plan);
  return plan;
}

TagSetId find_tags(Vu& vu, RequestPlan& plan, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  const auto is_like = [&](const RequestPlan::Result& known) {
    return known.status == outcome.head.status && known.minor == outcome.head.version_minor &&
           known.failure == outcome.failure.code && known.is_expected == is_expected &&
           known.failure_text == outcome.failure.text && known.tls_version == outcome.tls_version;
  };
  if (const auto known = std::ranges::find_if(plan.results, is_like); known != plan.results.end()) return known->tags;
  RequestPlan::Result result{outcome.head.status, outcome.head.version_minor, outcome.failure.code,
                             is_expected,         outcome.failure.text,       outcome.tls_version};
  result.tags = vu.tags(tags_of(plan, result, error_code_of(outcome)));
  if (plan.results.size() == kResultsMax) plan.results.clear();
  plan.results.push_back(result);
  return result.tags;
}

}  // namespace gantry::load
