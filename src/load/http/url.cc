#include "load/http/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
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

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_hex(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// "scheme:", without the colon; empty where a URL has none.
std::string_view scheme_of(std::string_view text) {
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || text[colon] != ':') return {};
  const std::string_view scheme = text.substr(0, colon);
  const bool is_scheme = std::ranges::all_of(
      scheme, [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; });
  return is_scheme ? scheme : std::string_view();
}

}  // namespace

UrlFault find_url_fault(std::string_view text) {
  const auto invalid = [text](std::string_view why) {
    return UrlFault{true, fmt::format("parse \"{}\": {}", text, why)};
  };
  if (has_control(text)) return invalid("net/url: invalid control character in URL");
  if (text.starts_with(':')) return invalid("missing protocol scheme");
  const std::string scheme = lower(scheme_of(text));
  std::string_view rest = text.substr(scheme.empty() ? 0 : scheme.size() + 1);
  rest = rest.substr(0, rest.find('#'));
  std::string_view authority;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    authority = authority.substr(std::min(authority.size(), authority.rfind('@') + 1));
    const std::size_t bad = authority.find_first_of(" <>\"{}|\\^`");
    if (bad != std::string_view::npos)
      return invalid(fmt::format("invalid character \"{}\" in host name", authority.substr(bad, 1)));
    if (authority.starts_with('[') && !authority.contains(']')) return invalid("missing ']' in host");
    const std::size_t colon =
        authority.starts_with('[') ? authority.find(':', authority.find(']')) : authority.find(':');
    const std::string_view port = authority.substr(std::min(authority.size(), colon));
    const bool is_port = std::ranges::all_of(port.substr(std::min<std::size_t>(1, port.size())),
                                             [](char c) { return c >= '0' && c <= '9'; });
    if (!is_port) return invalid(fmt::format("invalid port \"{}\" after host", port));
  }
  if (const auto bad = find_bad_escape(rest.substr(0, rest.find('?'))))
    return invalid(fmt::format("invalid URL escape \"{}\"", *bad));
  if (scheme != "http" && scheme != "https") return {false, fmt::format("unsupported protocol scheme \"{}\"", scheme)};
  return {false, authority.empty() ? "http: no Host in request URL" : "the URL has a port that no host has"};
}

std::optional<std::string_view> find_bad_escape(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (!is_hex(text.substr(at + 1, 2))) return text.substr(at, 3);
  return std::nullopt;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3;
    decoded += is_escape ? static_cast<char>(byte) : text[i];
    if (is_escape) i += 2;
  }
  return decoded;
}

std::optional<Url> Url::parse(std::string_view text) {
  if (has_control(text)) return std::nullopt;
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
  if (find_bad_escape(rest.substr(0, rest.find('?')))) return std::nullopt;
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
