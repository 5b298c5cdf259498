#include "load/options/secrets.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::load {

using base::input_error;
using base::Result;
using base::usage_error;

namespace {

constexpr std::string_view kRedacted = "***SECRET_REDACTED***";
constexpr std::string_view kHelp = "write mock=NAME=VALUE or file=PATH";

// What stands after the kind of a source.
struct Configuration {
  std::string name = {};
  bool is_default = false;
  std::vector<std::string> rest = {};
};

Configuration read_configuration(std::string_view text) {
  Configuration read;
  for (const std::string_view part : base::split(text, ',')) {
    if (part == "default")
      read.is_default = true;
    else if (part.starts_with("name="))
      read.name = part.substr(part.find('=') + 1);
    else
      read.rest.emplace_back(part);
  }
  return read;
}

Result<SecretSources::mapped_type> read_pairs(std::span<const std::string> lines) {
  SecretSources::mapped_type values;
  for (const std::string& line : lines) {
    const std::size_t at = line.find('=');
    // The line itself is not told: it may be a secret.
    if (at == std::string::npos) return usage_error("--secret-source: a secret without \"=\"", std::string(kHelp));
    values[line.substr(0, at)] = line.substr(at + 1);
  }
  return values;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n')) lines.emplace_back(line.substr(0, line.find('\r')));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

Result<SecretSources> read_secret_sources(std::span<const std::string> given,
                                          const std::function<Result<std::string>(const std::string&)>& read_file) {
  SecretSources sources;
  for (const std::string& each : given) {
    const std::string kind = each.substr(0, each.find('='));
    Configuration configuration =
        read_configuration(std::string_view(each).substr(std::min(each.size(), kind.size() + 1)));
    if (configuration.name.empty()) configuration.name = kind;
    if (kind == "file") {
      std::string file = configuration.rest.empty() ? "" : configuration.rest.front();
      if (file.starts_with("filename=")) file.erase(0, file.find('=') + 1);
      configuration.rest = lines_of(TRY(read_file(file)));
    } else if (kind != "mock") {
      return usage_error(fmt::format("--secret-source {}: there is no such kind of source here", kind),
                         std::string(kHelp));
    }
    auto values = TRY(read_pairs(configuration.rest));
    if (sources.contains(configuration.name) || (configuration.is_default && sources.contains("default")))
      return usage_error(
          fmt::format("--secret-source: two are called {}", configuration.is_default ? "default" : configuration.name),
          "give each a name of its own: mock=name=other,NAME=VALUE");
    if (configuration.is_default) sources["default"] = values;
    sources[configuration.name] = std::move(values);
  }
  if (sources.size() == 1) sources["default"] = sources.begin()->second;
  return sources;
}

Result<std::string_view> Secrets::get(std::string_view source, std::string_view name) {
  if (sources_.empty()) return input_error("no secret sources are configured");
  const auto found = sources_.find(source);
  if (found == sources_.end())
    return input_error(fmt::format("no secret source with name \"{}\" is configured", source));
  const auto value = found->second.find(name);
  if (value == found->second.end()) return input_error("no value");
  const std::string_view secret = value->second;
  if (!base::trim(secret).empty() && std::ranges::find(told_, secret) == told_.end()) {
    const auto shorter =
        std::ranges::find_if(told_, [&](std::string_view other) { return other.size() < secret.size(); });
    told_.insert(shorter, secret);
  }
  return secret;
}

std::string Secrets::redact(std::string_view text) const {
  std::string redacted(text);
  for (const std::string_view secret : told_)
    for (std::size_t at = 0; (at = redacted.find(secret, at)) != std::string::npos; at += kRedacted.size())
      redacted.replace(at, secret.size(), kRedacted);
  return redacted;
}

}  // namespace gantry::load
