#include "kube/names.h"

#include <algorithm>

namespace gantry::kube {

namespace {

constexpr std::size_t kDnsLabelMax = 63;
constexpr std::size_t kDnsSubdomainMax = 253;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_plain(char c) { return is_lower(c) || is_digit(c); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
std::optional<std::string> invalid_dns_part(std::string_view text) {
  if (text.empty()) return "is empty";
  if (!std::ranges::all_of(text, [](char c) { return is_plain(c) || c == '-'; })) {
    return "may only hold lower-case letters, digits and '-'";
  }
  if (!is_plain(text.front()) || !is_plain(text.back())) return "must begin and end with a lower-case letter or digit";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> invalid_dns_label(std::string_view text) {
  if (text.size() > kDnsLabelMax) return "is longer than 63 characters";
  return invalid_dns_part(text);
}

std::optional<std::string> invalid_dns1035_label(std::string_view text) {
  if (!text.empty() && is_digit(text.front())) return "must begin with a letter";
  return invalid_dns_label(text);
}

// Only the whole has a limit, not the parts (API machinery: IsDNS1123Subdomain).
std::optional<std::string> invalid_dns_subdomain(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > kDnsSubdomainMax) return "is longer than 253 characters";
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty()) return "has an empty part between dots";
    if (const auto why = invalid_dns_part(part)) return why;
    if (dot == std::string_view::npos) return std::nullopt;
    text.remove_prefix(dot + 1);
  }
}

std::optional<std::string> invalid_path_segment(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text == "." || text == "..") return "may not be \".\" or \"..\"";
  if (text.contains('/') || text.contains('%')) return "may not hold '/' or '%'";
  return std::nullopt;
}

// Printable ASCII but '=' (API machinery: IsRelaxedEnvVarName, what 1.32 and later accept).
std::optional<std::string> invalid_env_name(std::string_view text) {
  if (text.empty()) return "is empty";
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '='; })) {
    return "may only hold printable ASCII characters without '='";
  }
  return std::nullopt;
}

std::optional<std::string> invalid_config_key(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > kDnsSubdomainMax) return "is longer than 253 characters";
  if (text == "." || text.starts_with("..")) return "may not be \".\" or begin with \"..\"";
  const auto allowed = [](char c) { return is_plain(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.'; };
  if (!std::ranges::all_of(text, allowed)) return "may only hold letters, digits, '-', '_' and '.'";
  return std::nullopt;
}

}  // namespace gantry::kube
