#pragma once

// Whether a text is a well-formed XML 1.0 document, as far as our reports use XML: elements, attributes, character data,
// the five named entities. The stupid twin of src/report/xml.h: it knows nothing of how documents are written.

#include <optional>
#include <string>
#include <string_view>

namespace gantry::report {

// What is wrong and at which byte; nothing when the document is well-formed.
std::optional<std::string> find_xml_error(std::string_view document);

}  // namespace gantry::report
