#include "report/json_values.h"

#include "base/utf8.h"
#include "report/plain_text.h"

#include <fmt/format.h>

namespace gantry::report {

Json json_place(const base::SourcePos& pos) {
  if (!pos.file) return nullptr;
  Json place = {{"file", *pos.file}, {"line", nullptr}, {"column", nullptr}};
  if (pos.line != 0) place["line"] = pos.line;
  if (pos.line != 0 && pos.column != 0) place["column"] = pos.column;
  return place;
}

Json json_finding(const base::Finding& finding) {
  return {
      {"fingerprint", finding.fingerprint()},
      {"rule", finding.rule},
      {"severity", base::to_string(finding.severity)},
      {"object", finding.object},
      {"where", json_place(finding.where)},
      {"message", finding.message},
      {"explanation", finding.explanation},
      {"fix", finding.fix},
      {"related", json_list(finding.related,
                            [](const base::RelatedPlace& place) {
                              return Json{{"where", json_place(place.where)}, {"note", place.note}};
                            })},
  };
}

std::string dump_document(const Json& document) {
  constexpr int kIndent = 2;
  const std::string text = document.dump(kIndent, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    const base::CodePoint next = base::first_code_point(std::string_view(text).substr(at));
    // Beyond ASCII there is only the inside of strings, where an escape means the same character (RFC 8259, 7).
    if (next.value >= 0x7F && next.value <= 0xFFFF && is_unseen(next.value)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(next.value));
    } else {
      out.append(text, at, next.bytes);
    }
    at += next.bytes;
  }
  out.push_back('\n');
  return out;
}

}  // namespace gantry::report
