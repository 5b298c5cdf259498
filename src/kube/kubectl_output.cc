#include "kube/kubectl_output.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::kube {

namespace {

enum class Cause { no_context, unreachable, credentials, forbidden, other };

struct Sign {
  std::string_view text;
  Cause cause;
};

// Texts of kubectl and client-go; the first that is found decides.
constexpr Sign kSigns[] = {
    {"context was not found for specified context", Cause::no_context},
    {"does not exist in the kubeconfig", Cause::no_context},
    {"error: context \"", Cause::no_context},
    {"no configuration has been provided", Cause::no_context},
    {"Unable to connect to the server", Cause::unreachable},
    {"The connection to the server", Cause::unreachable},
    {"connection refused", Cause::unreachable},
    {"no such host", Cause::unreachable},
    {"i/o timeout", Cause::unreachable},
    {"context deadline exceeded", Cause::unreachable},
    {"TLS handshake", Cause::unreachable},
    {"x509:", Cause::unreachable},
    {"You must be logged in to the server", Cause::credentials},
    {"the server has asked for the client to provide credentials", Cause::credentials},
    {"getting credentials", Cause::credentials},
    {"Unauthorized", Cause::credentials},
    {"(Forbidden)", Cause::forbidden},
    {" is forbidden: ", Cause::forbidden},
};

Cause find_cause(std::string_view err) {
  const auto* it = std::ranges::find_if(kSigns, [&](const Sign& sign) { return err.contains(sign.text); });
  return it == std::end(kSigns) ? Cause::other : it->cause;
}

constexpr std::size_t kLineMax = 300;  // of kubectl's own words in a message

// The line that says why: the last that is not empty; client-go prints its tries before.
std::string last_line(std::string_view err) {
  std::string_view last;
  for (const std::string_view line : base::split(err, '\n')) {
    if (!base::trim(line).empty()) last = base::trim(line);
  }
  return std::string(last.substr(0, kLineMax));
}

// "cannot list resource "secrets" in API group "" at the cluster scope" out of a longer sentence.
std::string forbidden_part(std::string_view err) {
  const std::size_t start = err.find("cannot ");
  if (start == std::string_view::npos) return last_line(err);
  return std::string(
      base::trim(err.substr(start, std::min(err.find('\n', start), err.size()) - start)).substr(0, kLineMax));
}

// Lines that only say what kubectl is about to do, or did not find worth a failure.
bool is_warning(std::string_view line) {
  return line.starts_with("Warning: ") || line.starts_with("W0") || line.starts_with("W1");
}

// "deployment.apps/web configured (server dry run)" -> object and action; nothing for any other line.
std::optional<AppliedObject> parse_applied(std::string_view line) {
  constexpr std::string_view kDryRun = " (server dry run)";
  if (line.ends_with(kDryRun)) line.remove_suffix(kDryRun.size());
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos || !line.substr(0, space).contains('/')) return std::nullopt;
  return AppliedObject{.object = std::string(line.substr(0, space)), .action = std::string(line.substr(space + 1))};
}

// A refusal may take several lines: those that are indented, or begin with '*', belong to the one before.
void add_rejection(std::string_view line, std::vector<std::string>& rejections) {
  const bool continues = line.starts_with(' ') || line.starts_with('\t') || line.starts_with('*');
  if (continues && !rejections.empty()) {
    rejections.back() += "; " + std::string(base::trim(line));
  } else {
    rejections.emplace_back(base::trim(line));
  }
}

}  // namespace

bool says_no_such_context(std::string_view err) { return find_cause(err) == Cause::no_context; }

bool says_incomplete_discovery(const base::CommandResult& result) {
  return !result.out.empty() && result.err.contains("unable to retrieve the complete list of server APIs");
}

bool is_about_the_connection(std::string_view err) {
  const Cause cause = find_cause(err);
  return cause == Cause::no_context || cause == Cause::unreachable || cause == Cause::credentials;
}

base::Error explain_failure(const base::CommandResult& result, std::string_view context) {
  base::Error error;
  error.kind = base::ErrorKind::environment;
  const std::string line = last_line(result.err);
  switch (find_cause(result.err)) {
    case Cause::no_context: error.message = fmt::format("kubectl knows no context \"{}\"", context); break;
    case Cause::unreachable:
      error.message = fmt::format("the cluster of context \"{}\" does not answer: {}", context, line);
      error.help = fmt::format("check that it runs and can be reached: kubectl --context {} cluster-info", context);
      break;
    case Cause::credentials:
      error.message = fmt::format("the cluster of context \"{}\" does not accept your credentials: {}", context, line);
      error.help = "log in again with the tool that made the context";
      break;
    case Cause::forbidden:
      error.message = fmt::format("you may not do this with context \"{}\": {}", context, forbidden_part(result.err));
      error.help =
          "ask for a role that may list what is named, cluster-wide; the built-in role view does not cover everything";
      break;
    case Cause::other:
      error.message = line.empty() ? fmt::format("kubectl failed with status {} and said nothing", result.status)
                                   : fmt::format("kubectl failed: {}", line);
      break;
  }
  return error;
}

ApplyReport parse_apply_output(const base::CommandResult& result) {
  ApplyReport report;
  for (const std::string_view line : base::split(result.out, '\n')) {
    if (std::optional<AppliedObject> applied = parse_applied(base::trim(line)))
      report.objects.push_back(*std::move(applied));
  }
  for (const std::string_view line : base::split(result.err, '\n')) {
    if (base::trim(line).empty()) continue;
    if (is_warning(line)) {
      report.warnings.emplace_back(base::trim(line));
    } else if (result.status != 0) {
      add_rejection(line, report.rejections);
    } else {
      report.warnings.emplace_back(base::trim(line));
    }
  }
  if (result.status != 0 && report.rejections.empty()) {
    report.rejections.push_back(fmt::format("kubectl ended with status {} and said nothing", result.status));
  }
  return report;
}

const std::string_view kSecretKeysTemplate =
    R"({"apiVersion":"v1","kind":"List","items":[{{$comma := ""}}{{range .items}}{{$comma}}{{$comma = ","}})"
    R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":{{printf "%q" .metadata.name}},)"
    R"("namespace":{{printf "%q" .metadata.namespace}},"uid":{{printf "%q" .metadata.uid}},)"
    R"("labels":{ {{- $c := ""}}{{range $k, $v := .metadata.labels}}{{$c}}{{$c = ","}}{{printf "%q:%q" $k $v}}{{end}}}},)"
    R"("type":{{printf "%q" .type}},)"
    R"("data":{ {{- $d := ""}}{{range $k, $v := .data}}{{$d}}{{$d = ","}}{{printf "%q" $k}}:null{{end}}}}{{end}}]})";

}  // namespace gantry::kube
