#include "load/http/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gantry::load {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return result;
}

// What would end a request line or is no ASCII; what is escaped already stays.
std::string escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F)
      result += fmt::format("%{:02X}", byte);
    else
      result += c;
  }
  return result;
}

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("<>\"{}|\\^`/?#@").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  text = text.substr(colon + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t path = text.find_first_of("/?");
  std::string_view authority = text.substr(0, path);
  const std::string_view rest = path == std::string_view::npos ? std::string_view() : text.substr(path);
  url.target = escape(rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = std::string(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  const bool is_v6 = authority.starts_with('[');
  const std::size_t host_end = is_v6 ? authority.find(']') : authority.rfind(':');
  if (is_v6 && host_end == std::string_view::npos) return std::nullopt;
  const std::string_view host = is_v6 ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  std::string_view port = authority.substr(std::min(authority.size(), is_v6 ? host_end + 1 : host_end));
  if (!is_host(host) || (!port.empty() && port.front() != ':')) return std::nullopt;
  const std::uint16_t own = url.scheme == "http" ? 80 : 443;
  url.port = own;
  if (port.size() > 1) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  url.host = lower(host);
  url.authority = is_v6 ? fmt::format("[{}]", url.host) : url.host;
  if (url.port != own) url.authority += fmt::format(":{}", url.port);
  return url;
}

}  // namespace gantry::load
