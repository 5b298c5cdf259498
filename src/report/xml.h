#pragma once

// Writes XML 1.0: elements nest by construction, and text holds nothing but characters that XML allows.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::report {

class XmlWriter {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  XmlWriter() : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

  // Element and attribute names are ours; attribute values and text may be anything.
  void open(std::string_view name, const Attributes& attributes = {});
  void close();
  // An element without elements in it; `lines` are its text.
  void leaf(std::string_view name, const Attributes& attributes, const std::vector<std::string>& lines = {});

  // The document; every element must be closed.
  const std::string& text() const;

 private:
  void start_tag(std::string_view name, const Attributes& attributes);

  std::string text_;
  std::vector<std::string> open_;
};

// Inert (plain_text.h), with the five characters that mean something in XML as entities.
std::string xml_text(std::string_view untrusted);

}  // namespace gantry::report
