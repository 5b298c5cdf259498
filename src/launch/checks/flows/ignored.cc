#include "launch/checks/flows/ignored.h"

#include "base/text.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

constexpr Field kReasonField{"reason", FieldKind::text, Need::required, "why it may stay as it is"};
constexpr Field kObjectField{"object", FieldKind::text, Need::optional, "only of this one: KIND NAMESPACE/NAME"};

Result<Ignored> read_entry(const Node& node, const Field& subject, const std::vector<Field>& fields) {
  TRY(check_fields(node, fields, fmt::format("an entry of \"{}\"", kIgnoreKey)));
  Ignored ignored{.what = std::string(node.text(subject.name)),
                  .object = std::string(node.text(kObjectField.name)),
                  .reason = std::string(base::trim(node.text(kReasonField.name))),
                  .where = node.pos()};
  if (ignored.reason.empty())
    return base::input_error(fmt::format("{} is to be ignored for no reason", ignored.what), node.pos(),
                             "say in \"reason\" why it may stay as it is");
  return ignored;
}

}  // namespace

Result<std::vector<Ignored>> read_ignored(const Node& block, const Field& subject, IgnoreForm form) {
  std::vector<Ignored> ignored;
  const Node* list = block.get(kIgnoreKey);
  if (!list) return ignored;
  if (!list->is_array())
    return base::input_error(fmt::format("\"{}\" is a list", kIgnoreKey), list->pos(),
                             fmt::format("for example [{{{}: …, reason: …}}]", subject.name));
  std::vector<Field> fields = {subject, kReasonField};
  if (form == IgnoreForm::with_object) fields.push_back(kObjectField);
  for (const Node& node : list->array()) ignored.push_back(TRY(read_entry(node, subject, fields)));
  return ignored;
}

base::Finding ignored_in_vain(const Ignored& ignored) {
  const std::string of = ignored.object.empty() ? std::string() : fmt::format(" of {}", ignored.object);
  return make_finding("net.ignored-in-vain", ignored.object.empty() ? ignored.what : ignored.object, ignored.where,
                      fmt::format("{}{} is to be ignored, and is not found", ignored.what, of),
                      "take the entry out, so that it does not hide the next one");
}

}  // namespace gantry::launch
