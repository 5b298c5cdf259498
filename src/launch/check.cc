#include "launch/check.h"

#include "base/text.h"
#include "launch/manifests.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Node;
using base::Result;

std::string CheckContext::text(std::string_view field) const { return std::string(block.text(field)); }

std::optional<std::int64_t> CheckContext::integer(std::string_view field) const {
  const Node* node = block.get(field);
  if (!node || !node->is_integer()) return std::nullopt;
  return node->integer();
}

bool CheckContext::flag(std::string_view field) const {
  const Node* node = block.get(field);
  return node && node->is_bool() && node->boolean();
}

std::vector<std::string> CheckContext::texts(std::string_view field) const { return text_list(block.get(field)); }

Result<std::shared_ptr<const Manifests>> CheckContext::load_manifests() {
  if (!block.get("path")) return load_system();
  return manifests.load(place_of(block), inputs);
}

Result<std::shared_ptr<const Manifests>> CheckContext::load_system() {
  if (!config.manifests.empty())
    return manifests.load({.path = config.manifests, .form = ManifestForm::automatic, .name_space = {}}, inputs);
  if (block.get("path")) return manifests.load(place_of(block), inputs);
  return base::input_error("nothing says where the manifests of the whole system are", block.pos(),
                           "write `manifests: FOLDER` into gantry.yaml, or a path into the block");
}

const CheckType* find_check(std::string_view name) {
  const std::span<const CheckType> all = check_types();
  const auto found = std::ranges::find(all, name, &CheckType::name);
  return found == all.end() ? nullptr : &*found;
}

namespace {

Result<const CheckType*> named_check(const Node& block) {
  const Node* name = block.get("check");
  if (!name || !name->is_string())
    return base::input_error("a gantry block needs a check", block.pos(),
                             "begin it with `check: NAME`; `gantry plan` proposes blocks");
  if (const CheckType* check = find_check(name->string())) return check;
  std::vector<std::string_view> names;
  for (const CheckType& check : check_types()) names.push_back(check.name);
  const std::optional<std::string_view> nearest = base::nearest_name(name->string(), names);
  return base::input_error(
      fmt::format("there is no check \"{}\"", name->string()), name->pos(),
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("checks: {}", fmt::join(names, ", ")));
}

}  // namespace

Result<const CheckType*> validate_block(const Node& block) {
  if (!block.is_map())
    return base::input_error(fmt::format("a gantry block is a map, not {}", to_string(block.kind())), block.pos(),
                             "begin it with `check: NAME`");
  const CheckType* check = TRY(named_check(block));
  // An engine that is not there yet cannot say which fields it will know: its block is kept as it is.
  if (!check->run) return check;
  std::vector<Field> fields(check->fields.begin(), check->fields.end());
  fields.push_back({"check", FieldKind::text, Need::required, "the name of the check"});
  TRY(check_fields(block, fields, fmt::format("the {} block", check->name)));
  if (check->validate) TRY(check->validate(block));
  return check;
}

}  // namespace gantry::launch
