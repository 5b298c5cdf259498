#include "report/xml.h"

#include "report/plain_text.h"

#include <cassert>

namespace gantry::report {

std::string xml_text(std::string_view untrusted) {
  std::string out;
  for (const char c : inert_indented(untrusted)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

void XmlWriter::start_tag(std::string_view name, const Attributes& attributes) {
  text_.append(2 * open_.size(), ' ');
  text_ += '<';
  text_ += name;
  for (const auto& [key, value] : attributes) {
    text_ += ' ';
    text_ += key;
    text_ += "=\"" + xml_text(value) + '"';
  }
}

void XmlWriter::open(std::string_view name, const Attributes& attributes) {
  start_tag(name, attributes);
  text_ += ">\n";
  open_.emplace_back(name);
}

void XmlWriter::close() {
  assert(!open_.empty());
  const std::string name = std::move(open_.back());
  open_.pop_back();
  text_.append(2 * open_.size(), ' ');
  text_ += "</" + name + ">\n";
}

void XmlWriter::leaf(std::string_view name, const Attributes& attributes, const std::vector<std::string>& lines) {
  start_tag(name, attributes);
  if (lines.empty()) {
    text_ += "/>\n";
    return;
  }
  text_ += '>';
  for (std::size_t i = 0; i < lines.size(); ++i) text_ += (i == 0 ? "" : "\n") + xml_text(lines[i]);
  text_ += "</";
  text_ += name;
  text_ += ">\n";
}

const std::string& XmlWriter::text() const {
  assert(open_.empty());
  return text_;
}

}  // namespace gantry::report
