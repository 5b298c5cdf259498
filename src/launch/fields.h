#pragma once

// Strict reading of maps that people write (gantry.yaml, gantry blocks): every key is known and of the right kind, or the error
// names the place and the nearest right key.

#include "base/node.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// What a field may hold. `path` is text that is resolved against the workspace later; `label_map` is a map of strings; `any`
// is read by whoever asked for it; `word` is one of a few.
enum class FieldKind { text, path, integer, number, boolean, duration, text_list, label_map, any, word };
enum class Need { optional, required };

struct Field {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  Need need = Need::optional;
  std::string_view help;                         // one line, for messages and documentation
  std::span<const std::string_view> words = {};  // of a `word`: which
};

// `node` is a map whose keys are all in `fields`, each of its kind, with the required ones present. `what` names the map in
// messages: "net.only block", "command unit-tests".
base::Result<void> check_fields(const base::Node& node, std::span<const Field> fields, std::string_view what);

// Readers for maps that have passed check_fields; an absent field gives "", nothing, or an empty list.
std::vector<std::string> text_list(const base::Node* node);
// The index of a field's word among its words; nothing when it is absent.
std::optional<std::size_t> find_word(const base::Node& map, const Field& field);

}  // namespace gantry::launch
