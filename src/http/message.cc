#include "http/message.h"

#include "http/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace gantry::http {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

// The statuses of RFC 9110 and 6585 that our programs use; sorted, so that the search below may halve.
constexpr std::array kPhrases = {
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
    Phrase{507, "Insufficient Storage"},
};
static_assert(std::ranges::is_sorted(kPhrases, {}, &Phrase::status));

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A name or value of a query, where '+' stands for a space (application/x-www-form-urlencoded).
std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return decode_percent(spaced);
}

// Calls `use(name, value)` with each readable pair, until it returns false.
template <typename Use>
void each_query_pair(std::string_view query, Use use) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::optional<std::string> name = decode_form(pair.substr(0, equals));
    std::optional<std::string> value =
        equals == std::string_view::npos ? std::string() : decode_form(pair.substr(equals + 1));
    if (name && value && !use(*std::move(name), *std::move(value))) return;
  }
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const auto it = std::ranges::find_if(fields_, [&](const Field& field) { return equals_ascii(field.name, name); });
  if (it == fields_.end()) return std::nullopt;
  return it->value;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const Field& field) { return equals_ascii(field.name, name); });
  fields_.push_back({std::string(name), std::move(value)});
}

std::string_view Request::parameter(std::string_view name) const {
  const auto it = std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
  return it == parameters.end() ? std::string_view() : it->second;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::optional<std::string> found;
  each_query_pair(query, [&](const std::string& key, std::string value) {
    if (key != name) return true;
    found = std::move(value);
    return false;
  });
  return found;
}

std::vector<std::pair<std::string, std::string>> Request::query_values() const {
  std::vector<std::pair<std::string, std::string>> values;
  each_query_pair(query, [&](std::string key, std::string value) {
    values.emplace_back(std::move(key), std::move(value));
    return true;
  });
  return values;
}

Response Response::json(std::string body, int status) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Response Response::text(std::string body, int status) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

Response Response::empty(int status) { return {.status = status}; }

Response Response::error(int status, std::string_view message) {
  const nlohmann::json body = {{"error", {{"status", status}, {"message", message}}}};
  return json(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), status);
}

std::string_view reason_phrase(int status) {
  const auto it = std::ranges::lower_bound(kPhrases, status, {}, &Phrase::status);
  return it == kPhrases.end() || it->status != status ? "Unknown" : it->text;
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace gantry::http
