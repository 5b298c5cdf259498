#include "http/negotiation.h"

#include "http/text.h"

#include <algorithm>
#include <array>

namespace gantry::http {

namespace {

constexpr std::size_t kWorthBytes = 1024;  // a shorter body fits a packet anyway

// "q=0", "q=0.000": not at all. Anything else, readable or not, is taken for a yes.
bool has_weight_zero(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = trim_blanks(parameters.substr(at + 2));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

constexpr std::array<std::string_view, 8> kTextTypes = {
    "application/json",     "application/javascript", "application/xml",  "application/openmetrics-text",
    "application/x-ndjson", "image/svg+xml",          "application/wasm", "application/manifest+json",
};

}  // namespace

bool accepts_gzip(const Headers& request) {
  std::optional<bool> by_name;
  std::optional<bool> by_star;
  for (const Headers::Field& field : request) {
    if (!equals_ascii(field.name, "Accept-Encoding")) continue;
    each_list_member(field.value, [&](std::string_view member) {
      const std::size_t end = std::min(member.find(';'), member.size());
      const std::string_view coding = trim_blanks(member.substr(0, end));
      const bool is_taken = !has_weight_zero(member.substr(end));
      if (equals_ascii(coding, "gzip") || equals_ascii(coding, "x-gzip")) by_name = is_taken;
      if (coding == "*") by_star = is_taken;
    });
  }
  return by_name.value_or(by_star.value_or(false));
}

BodyCoding body_coding(const Headers& request) {
  BodyCoding coding = BodyCoding::identity;
  for (const Headers::Field& field : request) {
    if (!equals_ascii(field.name, "Content-Encoding")) continue;
    each_list_member(field.value, [&](std::string_view member) {
      if (equals_ascii(member, "identity")) return;
      const bool is_gzip = equals_ascii(member, "gzip") || equals_ascii(member, "x-gzip");
      // Two codings, even twice the same, are more than anybody sends by accident.
      coding = is_gzip && coding == BodyCoding::identity ? BodyCoding::gzip : BodyCoding::unknown;
    });
  }
  return coding;
}

bool is_compressible(std::string_view content_type) {
  const std::string_view type = trim_blanks(content_type.substr(0, content_type.find(';')));
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::find(kTextTypes, type) != kTextTypes.end();
}

Compression choose_compression(const Headers& request, const Response& response, std::optional<std::size_t> bytes) {
  if (bytes && *bytes < kWorthBytes) return Compression::unfit;
  if (response.headers.contains("Content-Encoding") || response.headers.contains("Content-Range"))
    return Compression::unfit;
  if (!is_compressible(response.headers.find("Content-Type").value_or(""))) return Compression::unfit;
  if (response.headers.find("Cache-Control").value_or("").contains("no-transform")) return Compression::unfit;
  return accepts_gzip(request) ? Compression::gzip : Compression::unasked;
}

}  // namespace gantry::http
