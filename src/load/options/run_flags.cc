#include "load/options/run_flags.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;
using base::usage_error;
using enum FlagUse;

constexpr std::array kFlags = {
    RunFlag{"vus", 'u', "N", "How many virtual users", integer, "vus", "K6_VUS"},
    RunFlag{"duration", 'd', "TIME", "How long: 30s, 5m", text, "duration", "K6_DURATION"},
    RunFlag{"iterations", 'i', "N", "How many iterations, shared by all VUs", integer, "iterations", "K6_ITERATIONS"},
    RunFlag{"stage", 's', "TIME:N", "Stages: 30s:10,1m:0; may be repeated", stages, "stages", "K6_STAGES"},
    RunFlag{"env", 'e', "NAME=VALUE", "A variable for __ENV; may be repeated", environment},
    RunFlag{"include-system-env-vars", 0, "BOOL", "Whether __ENV has the environment's variables too (default true)",
            by_caller, "", "K6_INCLUDE_SYSTEM_ENV_VARS"},
    RunFlag{"tag", 0, "NAME=VALUE", "A tag for every sample; may be repeated", tags, "tags", "K6_TAGS"},
    RunFlag{"no-thresholds", 0, "", "Do not judge thresholds", no_thresholds, "", "K6_NO_THRESHOLDS"},
    RunFlag{"no-setup", 0, "", "Do not call setup()", yes, "noSetup", "K6_NO_SETUP"},
    RunFlag{"no-teardown", 0, "", "Do not call teardown()", yes, "noTeardown", "K6_NO_TEARDOWN"},
    RunFlag{"min-iteration-duration", 0, "TIME", "How long an iteration takes at least", text, "minIterationDuration",
            "K6_MIN_ITERATION_DURATION"},
    RunFlag{"summary-mode", 0, "MODE", "What the summary shows: compact, full, disabled", by_caller, "",
            "K6_SUMMARY_MODE"},
    RunFlag{"no-summary", 0, "", "The same as --summary-mode disabled", by_caller},
    RunFlag{"summary-export", 0, "FILE", "Write the summary as JSON to this file", by_caller, "", "K6_SUMMARY_EXPORT"},
    RunFlag{"summary-trend-stats", 0, "LIST", "Statistics of trends: avg,p(95),max", list, "summaryTrendStats",
            "K6_SUMMARY_TREND_STATS"},
    RunFlag{"summary-time-unit", 0, "UNIT", "s, ms or us", time_unit, "summaryTimeUnit", "K6_SUMMARY_TIME_UNIT"},
    RunFlag{"console-output", 0, "FILE", "Where console.log() goes", by_caller, "", "K6_CONSOLE_OUTPUT"},
    RunFlag{"quiet", 'q', "", "No progress", by_caller},
    RunFlag{"verbose", 'v', "", "Show console.debug() too", by_caller},
    RunFlag{"max-redirects", 0, "N", "How many redirects a request follows", integer, "maxRedirects",
            "K6_MAX_REDIRECTS"},
    RunFlag{"rps", 0, "N", "How many requests a second all VUs may send together", integer, "rps", "K6_RPS"},
    RunFlag{"batch", 0, "N", "How many requests of a batch are under way at once", integer, "batch", "K6_BATCH"},
    RunFlag{"batch-per-host", 0, "N", "The same for one host", integer, "batchPerHost", "K6_BATCH_PER_HOST"},
    RunFlag{"user-agent", 0, "TEXT", "What requests call themselves", text, "userAgent", "K6_USER_AGENT"},
    RunFlag{"throw", 'w', "", "Failed requests throw", yes, "throw", "K6_THROW"},
    RunFlag{"discard-response-bodies", 0, "", "Drop bodies", yes, "discardResponseBodies",
            "K6_DISCARD_RESPONSE_BODIES"},
    RunFlag{"insecure-skip-tls-verify", 0, "", "Believe every certificate", yes, "insecureSkipTLSVerify",
            "K6_INSECURE_SKIP_TLS_VERIFY"},
    RunFlag{"no-connection-reuse", 0, "", "A connection for each request", yes, "noConnectionReuse",
            "K6_NO_CONNECTION_REUSE"},
    RunFlag{"no-vu-connection-reuse", 0, "", "New connections for each iteration", yes, "noVUConnectionReuse",
            "K6_NO_VU_CONNECTION_REUSE"},
    RunFlag{"dns", 0, "OPTIONS", "ttl=5m,select=random,policy=preferIPv4", dns, "dns", "K6_DNS"},
    RunFlag{"blacklist-ip", 0, "CIDR", "Addresses that may not be reached", list, "blacklistIPs", "K6_BLACKLIST_IPS"},
    RunFlag{"block-hostnames", 0, "LIST", "Names that may not be reached", list, "blockHostnames",
            "K6_BLOCK_HOSTNAMES"},
    RunFlag{"system-tags", 0, "LIST", "Which tags samples get", list, "systemTags", "K6_SYSTEM_TAGS"},
    RunFlag{"http-debug", 0, "", "Log requests and answers; =full with their bodies", text, "httpDebug",
            "K6_HTTP_DEBUG", "headers"},
    RunFlag{"local-ips", 0, "LIST",
            "Addresses of this machine that VUs send from, in turn: 192.168.0.1,192.168.0.10-192.168.0.25,fd:1::0/120",
            text, "localIPs", "K6_LOCAL_IPS"},
    RunFlag{"out", 'o', "OUTPUT",
            "Where samples go: json=FILE, csv=FILE, html=FILE (a report), web-dashboard (a page while it lasts), "
            "experimental-prometheus-rw, opentelemetry, influxdb=URL, summary=FILE (for gantry load merge); may be "
            "repeated",
            output, "", "K6_OUT"},
    RunFlag{"new-machine-readable-summary", 0, "", "The other form of the summary's JSON", by_caller, "",
            "K6_NEW_MACHINE_READABLE_SUMMARY"},
    RunFlag{"log-output", 0, "WHERE", "Where the log goes: stderr, stdout, none, file=PATH", by_caller, "",
            "K6_LOG_OUTPUT"},
    RunFlag{"log-format", 0, "FORMAT", "How the log is written: text, json, raw", by_caller, "", "K6_LOG_FORMAT"},
    RunFlag{"address", 'a', "HOST:PORT", "Where the REST API listens: localhost:6565", by_caller},
    RunFlag{"secret-source", 0, "SOURCE", "What k6/secrets gives: file=PATH or mock=NAME=VALUE; may be repeated",
            secret_source},
    RunFlag{"traces-output", 0, "WHERE", "Where traces go", not_yet},
    RunFlag{"compatibility-mode", 0, "MODE", "extended; or base: without the alias `global` of globalThis", by_caller,
            "", "K6_COMPATIBILITY_MODE"},
    RunFlag{"config", 'c', "FILE", "A file of options, as JSON", by_caller, "", "K6_CONFIG"},
    RunFlag{"execution-segment", 0, "A:B", "The part of the load that runs here: 0:1/3", text, "executionSegment"},
    RunFlag{"execution-segment-sequence", 0, "LIST", "All parts of the load: 0,1/3,2/3,1", text,
            "executionSegmentSequence"},
    RunFlag{"paused", 'p', "", "Begin once the REST API says so", yes, "paused", "K6_PAUSED"},
    RunFlag{"linger", 'l', "", "Do not end after the run, but on Ctrl-C; the REST API stays up", by_caller, "",
            "K6_LINGER"},
    RunFlag{"no-usage-report", 0, "", "nothing is ever reported to anybody", no_effect},
    RunFlag{"type", 't', "TYPE", "what a file is, a script or an archive, shows in it", no_effect},
    RunFlag{"profiling-enabled", 0, "", "that is about k6 itself", no_effect},
    RunFlag{"features", 0, "LIST", "those are of k6 itself", no_effect},
};

// What only the environment says.
constexpr std::array kVariables = {
    RunFlag{"", 0, "", "", text, "setupTimeout", "K6_SETUP_TIMEOUT"},
    RunFlag{"", 0, "", "", text, "teardownTimeout", "K6_TEARDOWN_TIMEOUT"},
    RunFlag{"", 0, "", "", text, "handleSummaryTimeout", "K6_HANDLE_SUMMARY_TIMEOUT"},
    RunFlag{"", 0, "", "", list, "tlsCipherSuites", "K6_TLS_CIPHER_SUITES"},
    RunFlag{"", 0, "", "", json, "tlsAuth", "K6_TLSAUTH"},
    RunFlag{"", 0, "", "", json, "hosts", "K6_HOSTS"},
    RunFlag{"", 0, "", "", yes, "noCookiesReset", "K6_NO_COOKIES_RESET"},
};

Result<std::pair<std::string, std::string>> split_pair(const RunFlag& flag, std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos || at == 0)
    return usage_error(fmt::format("--{} {}: the name or the value is missing", flag.name, text),
                       fmt::format("write --{} {}", flag.name, flag.value));
  return std::pair(std::string(text.substr(0, at)), std::string(text.substr(at + 1)));
}

Result<Node> read_integer(const RunFlag& flag, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return usage_error(fmt::format("--{} {}: that is no whole number", flag.name, text));
  return Node(number);
}

// What the option holds after one more value of a flag that may be repeated.
void append(Node& options, std::string_view option, Node value) {
  Node::Array all;
  if (const Node* given = options.get(option)) all = given->array();
  all.push_back(std::move(value));
  options.set(std::string(option), Node(std::move(all)));
}

// An empty list is one, and not what is usual.
void append_nothing(Node& options, std::string_view option) {
  if (!options.get(option)) options.set(std::string(option), Node(Node::Array()));
}

Result<void> add_stage(const RunFlag& flag, std::string_view text, RunSettings& settings) {
  if (text.empty()) {
    append_nothing(settings.overrides, flag.option);
    return {};
  }
  const auto [duration, target] = TRY(split_pair(flag, text, ':'));
  Node vus = TRY(read_integer(flag, target));
  append(settings.overrides, flag.option, Node::Map{{"duration", duration, {}}, {"target", std::move(vus), {}}});
  return {};
}

// "ttl=5m,select=first" as an object. A script's object may have other members, as k6 has it.
Result<Node> read_dns(const RunFlag& flag, std::string_view text) {
  constexpr std::array<std::string_view, 3> kMembers = {"ttl", "select", "policy"};
  Node object = Node::empty_map();
  for (const std::string_view each : base::split(text, ',')) {
    auto [name, value] = TRY(split_pair(flag, base::trim(each), '='));
    if (std::ranges::find(kMembers, name) == kMembers.end())
      return usage_error(fmt::format("--{} {}: unknown DNS configuration field: {}", flag.name, text, name),
                         fmt::format("it has ttl, select and policy: --{} {}", flag.name, flag.help));
    object.set(std::move(name), Node(std::move(value)));
  }
  return object;
}

Result<Node> read_time_unit(const RunFlag& flag, std::string_view text) {
  for (const std::string_view unit : {"s", "ms", "us"})
    if (text == unit) return Node(std::string(text));
  return usage_error(fmt::format("--{} {}: that is no unit of the summary", flag.name, text), "write s, ms or us");
}

Result<Node> read_json(const RunFlag& flag, std::string_view text) {
  Result<Node> value = base::load_json(text, flag.variable);
  if (!value) return usage_error(fmt::format("{}: {}", flag.variable, value.error().message));
  return value;
}

Result<void> add_tag(const RunFlag& flag, std::string_view text, RunSettings& settings) {
  if (text.empty()) return {};
  const auto [name, value] = TRY(split_pair(flag, text, '='));
  Node all = Node::empty_map();
  if (const Node* given = settings.overrides.get(flag.option)) all = *given;
  all.set(name, Node(value));
  settings.overrides.set(std::string(flag.option), std::move(all));
  return {};
}

// A variable without a value is empty, as k6 has it.
Result<void> add_variable(std::string_view text, RunSettings& settings) {
  if (text.empty()) return {};
  const std::size_t at = text.find('=');
  const std::string_view name = text.substr(0, at);
  const bool is_name = !name.empty() && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  if (!is_name)
    return usage_error(fmt::format("--env {}: \"{}\" is no name of a variable", text, name),
                       "take letters, digits and _, and no digit first");
  settings.env[std::string(name)] = at == std::string_view::npos ? "" : text.substr(at + 1);
  return {};
}

// What flags without a value may have all the same, as programs in Go read it: --throw=false. `said` is how, for messages.
Result<bool> is_true(std::string_view value, std::string_view said) {
  for (const std::string_view text : {"true", "1", "t", "T", "TRUE", "True"})
    if (value == text) return true;
  for (const std::string_view text : {"false", "0", "f", "F", "FALSE", "False"})
    if (value == text) return false;
  return usage_error(fmt::format("{}={}: that is neither true nor false", said, value));
}

bool takes_value(const RunFlag& flag) { return !flag.value.empty() || flag.name.empty() || !flag.bare.empty(); }

// One that takes no value, and is said not to be.
void apply_not(const RunFlag& flag, RunSettings& settings) {
  if (flag.use == yes) settings.overrides.set(std::string(flag.option), Node(false));
  if (flag.use == no_thresholds) settings.judges_thresholds = true;
  if (flag.use == by_caller) settings.of_caller.erase(std::string(flag.name));
}

Result<void> apply(const RunFlag& flag, std::string_view value, RunSettings& settings) {
  const std::string option(flag.option);
  if (!takes_value(flag) && !value.empty()) {
    if (!TRY(is_true(value, fmt::format("--{}", flag.name)))) {
      apply_not(flag, settings);
      return {};
    }
    value = "";
  }
  switch (flag.use) {
    case integer: settings.overrides.set(option, TRY(read_integer(flag, value))); break;
    case text: settings.overrides.set(option, Node(std::string(value.empty() ? flag.bare : value))); break;
    case yes: settings.overrides.set(option, Node(true)); break;
    case stages:
      for (const std::string_view each : base::split(value, ',')) TRY(add_stage(flag, each, settings));
      break;
    case tags: return add_tag(flag, value, settings);
    case list:
      if (value.empty()) {
        append_nothing(settings.overrides, option);
        break;
      }
      for (const std::string_view each : base::split(value, ','))
        append(settings.overrides, option, Node(std::string(base::trim(each))));
      break;
    case environment: return add_variable(value, settings);
    case dns: settings.overrides.set(option, TRY(read_dns(flag, value))); break;
    case time_unit: settings.overrides.set(option, TRY(read_time_unit(flag, value))); break;
    case json: settings.overrides.set(option, TRY(read_json(flag, value))); break;
    case no_thresholds: settings.judges_thresholds = false; break;
    case by_caller: settings.of_caller[std::string(flag.name)] = value; break;
    case output: settings.outputs.emplace_back(value); break;
    case secret_source: settings.secret_sources.emplace_back(value); break;
    case no_effect:
      settings.warnings.push_back(fmt::format("--{} has no effect here: {}", flag.name, flag.help));
      break;
    case not_yet:
      if (value != "none") settings.warnings.push_back(fmt::format("--{} has no effect yet", flag.name));
      break;
  }
  return {};
}

Result<void> apply_variable(const RunFlag& flag, std::string_view value, RunSettings& settings) {
  // A flag that is repeated has its values in one, with commas.
  if (flag.use == tags) {
    for (const std::string_view each : base::split(value, ',')) TRY(apply(flag, each, settings));
    return {};
  }
  if (takes_value(flag) && flag.use != yes) return apply(flag, value, settings);
  if (TRY(is_true(value, flag.variable))) return apply(flag, "", settings);
  if (flag.use == yes) apply_not(flag, settings);
  return {};
}

}  // namespace

std::span<const RunFlag> run_flags() { return kFlags; }

Result<void> apply_run_flag(std::string_view name, std::string_view value, RunSettings& settings) {
  const auto flag = std::ranges::find(kFlags, name, &RunFlag::name);
  if (flag != kFlags.end()) return apply(*flag, value, settings);
  std::vector<std::string_view> names;
  for (const RunFlag& known : kFlags) names.push_back(known.name);
  const std::optional<std::string_view> nearest = base::nearest_name(name, names);
  return usage_error(fmt::format("k6 run has no flag --{}", name),
                     nearest ? fmt::format("did you mean --{}?", *nearest) : std::string());
}

Result<RunSettings> read_run_variables(const std::map<std::string, std::string>& environment) {
  RunSettings settings;
  const auto read = [&](std::span<const RunFlag> table) -> Result<void> {
    for (const RunFlag& flag : table) {
      const auto found = environment.find(std::string(flag.variable));
      if (!flag.variable.empty() && found != environment.end() && !found->second.empty())
        TRY(apply_variable(flag, found->second, settings));
    }
    return {};
  };
  TRY(read(kFlags));
  TRY(read(kVariables));
  return settings;
}

Result<void> apply_run_flag(std::string_view flag, RunSettings& settings) {
  if (flag.starts_with("--")) flag.remove_prefix(2);
  const std::size_t at = flag.find('=');
  return apply_run_flag(flag.substr(0, at), at == std::string_view::npos ? "" : flag.substr(at + 1), settings);
}

}  // namespace gantry::load
