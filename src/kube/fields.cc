#include "kube/fields.h"

#include "base/text.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube {

namespace {

using base::Node;
using base::SourcePos;

constexpr std::size_t kKeyMax = 80;  // of a key in a path: keys of maps may be of any length

}  // namespace

void Problems::reject(const SourcePos& where, std::string message, std::string fix) {
  rejected_ = true;
  base::Finding finding;
  finding.rule = "object.invalid";
  finding.severity = base::Severity::high;
  finding.where = where;
  finding.message = std::move(message);
  finding.explanation = "The API server rejects this object; the others of the same apply still land.";
  finding.fix = std::move(fix);
  list(std::move(finding));
}

void Problems::doubt(const SourcePos& where, std::string message, std::string fix) {
  base::Finding finding;
  finding.rule = "object.doubtful";
  finding.severity = base::Severity::medium;
  finding.where = where;
  finding.message = std::move(message);
  finding.explanation =
      "The documentation of this kind and its published schema disagree: some clusters take the object as it stands, "
      "others reject it, and then nothing it says holds.";
  finding.fix = std::move(fix);
  list(std::move(finding));
}

void Problems::unknown_field(const SourcePos& where, std::string message, std::string fix) {
  has_unknown_fields_ = true;
  base::Finding finding;
  finding.rule = "object.unknown-field";
  finding.severity = unknown_severity_;
  finding.where = where;
  finding.message = std::move(message);
  finding.explanation =
      "kubectl refuses unknown fields by default; a client without strict validation drops them, and what they were "
      "meant to say is lost.";
  finding.fix = std::move(fix);
  list(std::move(finding));
}

void Problems::list(base::Finding finding) {
  if (full()) return;
  finding.object = to_string(object_.id);
  if (++listed_ == kListedMax) {
    finding.message = "more is wrong with this object than is listed";
    finding.fix = "mend what is listed first";
  }
  findings_.push_back(std::move(finding));
}

Fields::Fields(const Node& root, Problems& problems) : node_(root.is_map() ? &root : nullptr), problems_(problems) {}

Fields::Fields(const Fields& parent, std::string_view key, const Node* node)
    : node_(node), parent_(&parent), key_(key), problems_(parent.problems_) {}

Fields::Fields(const Fields& parent, std::size_t index, const Node* node)
    : node_(node), parent_(&parent), index_(index), problems_(parent.problems_) {}

const SourcePos& Fields::pos() const {
  if (node_ != nullptr) return node_->pos();
  return parent_ != nullptr ? parent_->pos() : problems_.object().pos();
}

const SourcePos& Fields::pos(std::string_view key) const {
  const Node* value = node_ == nullptr ? nullptr : node_->get(key);
  return value == nullptr ? pos() : value->pos();
}

const SourcePos& Fields::key_pos(std::string_view key) const {
  const SourcePos* where = node_ == nullptr ? nullptr : node_->key_pos(key);
  return where == nullptr ? pos() : *where;
}

std::string Fields::path(std::string_view key) const {
  std::string text = parent_ == nullptr ? std::string() : parent_->path();
  if (index_ != kNoIndex) {
    text += "[" + std::to_string(index_) + "]";
  } else if (!key_.empty()) {
    text += (text.empty() ? "" : ".") + std::string(key_.substr(0, kKeyMax));
  }
  if (!key.empty()) text += (text.empty() ? "" : ".") + std::string(key.substr(0, kKeyMax));
  return text;
}

const Node* Fields::find(std::string_view key) const {
  const Node* value = node_ == nullptr ? nullptr : node_->get(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Fields Fields::map(std::string_view key) const& {
  const Node* value = find(key);
  if (value != nullptr && !value->is_map()) {
    reject_kind(key, "a map", *value);
    value = nullptr;
  }
  return Fields(*this, key, value);
}

const Node* Fields::find_list(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr || value->is_array()) return value;
  reject_kind(key, "a list", *value);
  return nullptr;
}

bool Fields::check_map(const Node& item, std::size_t index) const {
  if (item.is_map()) return true;
  if (!item.is_null()) {
    problems_.reject(item.pos(), fmt::format("{}[{}] must be a map, not {}", path(), index, with_article(item.kind())));
  }
  return false;
}

std::string Fields::text(std::string_view key, std::string_view otherwise) const {
  std::optional<std::string> value = optional_text(key);
  // An empty text is the zero value of Go's types: the API server fills in the default for it as well.
  return value && !value->empty() ? *std::move(value) : std::string(otherwise);
}

std::optional<std::string> Fields::optional_text(std::string_view key) const {
  const Node* value = find(key);
  return value == nullptr ? std::nullopt : read_text(key, *value);
}

std::optional<std::string> Fields::read_text(std::string_view key, const Node& value) const {
  if (value.is_string()) return value.string();
  reject_kind(key, "a string", value);
  return std::nullopt;
}

std::optional<std::string> Fields::text_of(const Node::Member& member) const {
  return member.value.is_null() ? std::nullopt : read_text(member.key, member.value);
}

std::optional<bool> Fields::optional_flag(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->boolean();
  reject_kind(key, "true or false", *value);
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view key, Bounds bounds) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_integer()) {
    reject_kind(key, "an integer", *value);
    return std::nullopt;
  }
  const std::int64_t number = value->integer();
  if (number >= bounds.min && number <= bounds.max) return number;
  const bool negative = bounds.min == 0 && number < 0;
  reject(key, negative ? fmt::format("must not be negative, it is {}", number)
                       : fmt::format("must be from {} to {}, it is {}", bounds.min, bounds.max, number));
  return std::nullopt;
}

std::optional<std::chrono::seconds> Fields::seconds(std::string_view key, Bounds bounds) const {
  const std::optional<std::int64_t> value = integer(key, bounds);
  return value ? std::optional(std::chrono::seconds(*value)) : std::nullopt;
}

std::optional<base::Timestamp> Fields::time(std::string_view key) const {
  const std::optional<std::string> value = optional_text(key);
  if (!value || value->empty()) return std::nullopt;
  const base::Result<base::Timestamp> parsed = base::parse_rfc3339(*value);
  if (parsed) return *parsed;
  reject_error(key, *find(key), parsed.error());
  return std::nullopt;
}

std::optional<Quantity> Fields::quantity(std::string_view key) const {
  const Node* value = find(key);
  return value == nullptr ? std::nullopt : read_quantity(key, *value);
}

std::optional<Quantity> Fields::read_quantity(std::string_view key, const Node& value) const {
  const base::Result<Quantity> quantity = Quantity::parse_node(value);
  if (quantity) return *quantity;
  reject_error(key, value, quantity.error());
  return std::nullopt;
}

std::optional<Quantity> Fields::quantity_of(const Node::Member& member) const {
  return member.value.is_null() ? std::nullopt : read_quantity(member.key, member.value);
}

ResourceList Fields::resources(std::string_view key) const {
  ResourceList list;
  const Fields amounts = map(key);
  if (!amounts.present()) return list;
  for (const Node::Member& member : amounts.node()->map()) {
    if (const std::optional<Quantity> amount = amounts.quantity_of(member)) list.emplace(member.key, *amount);
  }
  return list;
}

std::optional<IntOrPercent> Fields::int_or_percent(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  const base::Result<IntOrPercent> parsed = IntOrPercent::parse(*value);
  if (parsed) return *parsed;
  reject_error(key, *value, parsed.error());
  return std::nullopt;
}

std::optional<Port> Fields::port(std::string_view key) const {
  const std::optional<std::int64_t> number = integer(key, {.min = 1, .max = 65535});
  return number ? std::optional(Port(static_cast<std::uint16_t>(*number))) : std::nullopt;
}

std::optional<PortRef> Fields::port_ref(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_integer()) {
    const std::optional<Port> number = port(key);
    return number ? std::optional<PortRef>(*number) : std::nullopt;
  }
  if (!value->is_string()) {
    reject_kind(key, "a port number or name", *value);
    return std::nullopt;
  }
  const std::string& name = value->string();
  const std::optional<std::string> why = invalid_port_name(name);
  if (!why) return PortRef(name);
  const bool number = !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
  reject(key, fmt::format("{} is no port name: it {}", quoted(name), *why),
         number ? "remove the quotes: in quotes it is a name" : "");
  return std::nullopt;
}

Protocol Fields::protocol(std::string_view key) const {
  const std::optional<std::string> word = optional_text(key);
  if (!word || word->empty()) return Protocol::tcp;
  if (const std::optional<Protocol> protocol = find_protocol(*word)) return *protocol;
  static constexpr std::string_view kWords[] = {"TCP", "UDP", "SCTP"};
  reject_word(key, *word, kWords);
  return Protocol::tcp;
}

std::optional<LabelSelector> Fields::selector(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  base::Result<LabelSelector> parsed = LabelSelector::parse(*value);
  if (parsed) return *std::move(parsed);
  reject_error(key, *value, parsed.error());
  return std::nullopt;
}

std::optional<LabelSelector> Fields::selector_map(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr) return std::nullopt;
  base::Result<LabelSelector> parsed = LabelSelector::parse_map(*value);
  if (parsed) return *std::move(parsed);
  reject_error(key, *value, parsed.error());
  return std::nullopt;
}

LabelSet Fields::labels(std::string_view key) const {
  const Fields entries = map(key);
  if (!entries.present()) return {};
  std::vector<LabelSet::Pair> pairs;
  for (const Node::Member& member : entries.node()->map()) {
    if (const auto why = invalid_label_key(member.key)) {
      problems_.reject(member.key_pos, fmt::format("{}: label key {} {}", entries.path(), quoted(member.key), *why));
    }
    const std::optional<std::string> value = entries.text_of(member);
    if (!value) continue;
    if (const auto why = invalid_label_value(*value)) {
      problems_.reject(member.value.pos(),
                       fmt::format("{}: label value {} {}", entries.path(member.key), quoted(*value), *why));
    }
    pairs.emplace_back(member.key, *value);
  }
  return LabelSet(std::move(pairs));
}

LabelSet Fields::string_map(std::string_view key) const {
  const Fields entries = map(key);
  if (!entries.present()) return {};
  std::vector<LabelSet::Pair> pairs;
  for (const Node::Member& member : entries.node()->map()) {
    if (std::optional<std::string> value = entries.text_of(member)) pairs.emplace_back(member.key, *std::move(value));
  }
  return LabelSet(std::move(pairs));
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> values;
  const Node* list = find_list(key);
  if (list == nullptr) return values;
  const Fields holder(*this, key, list);
  for (std::size_t i = 0; i < list->array().size(); ++i) {
    const Node& item = list->array()[i];
    if (item.is_string()) {
      values.push_back(item.string());
    } else if (!item.is_null()) {
      problems_.reject(item.pos(),
                       fmt::format("{}[{}] must be a string, not {}", holder.path(), i, with_article(item.kind())),
                       item.is_number() || item.is_bool() ? "put it in quotes" : "");
    }
  }
  return values;
}

std::optional<Cidr> Fields::cidr(std::string_view key) const {
  const std::optional<std::string> text = optional_text(key);
  if (!text) return std::nullopt;
  const base::Result<Cidr> range = Cidr::parse(*text);
  if (range) return *range;
  reject_error(key, *find(key), range.error());
  return std::nullopt;
}

std::vector<Cidr> Fields::cidrs(std::string_view key) const {
  std::vector<Cidr> ranges;
  for (const std::string& text : texts(key)) {
    const base::Result<Cidr> range = Cidr::parse(base::trim(text));
    if (range) {
      ranges.push_back(*range);
    } else {
      reject_error(key, *find(key), range.error());
    }
  }
  return ranges;
}

std::vector<IpAddress> Fields::addresses(std::string_view key) const {
  std::vector<IpAddress> found;
  for (const std::string& text : texts(key)) {
    if (const std::optional<IpAddress> address = IpAddress::parse(text)) found.push_back(*address);
  }
  return found;
}

void Fields::reject(std::string_view key, std::string_view message, std::string fix) const {
  if (problems_.full()) return problems_.reject({}, {});
  const std::string where = path(key);
  problems_.reject(pos(key), where.empty() ? std::string(message) : fmt::format("{} {}", where, message),
                   std::move(fix));
}

void Fields::doubt(std::string_view key, std::string_view message, std::string fix) const {
  problems_.doubt(pos(key), fmt::format("{} {}", path(key), message), std::move(fix));
}

void Fields::require(std::string_view key) const {
  if (!has(key)) problems_.reject(pos(), fmt::format("{} is missing", path(key)));
}

void Fields::only(std::span<const std::string_view> known) const {
  if (node_ == nullptr || problems_.object().origin == Origin::live) return;
  for (const Node::Member& member : node_->map()) {
    if (std::ranges::binary_search(known, std::string_view(member.key))) continue;
    if (problems_.full()) return;
    const auto nearest = base::nearest_name(member.key, known);
    problems_.unknown_field(member.key_pos, fmt::format("unknown field {}", path(member.key)),
                            nearest ? fmt::format("did you mean {}?", *nearest) : "remove it");
  }
}

void Fields::reject_kind(std::string_view key, std::string_view wanted, const Node& found) const {
  if (problems_.full()) return problems_.reject({}, {});
  const bool unquoted = wanted == "a string" && (found.is_number() || found.is_bool());
  const bool quoted_number = (wanted == "an integer" || wanted == "true or false") && found.is_string();
  problems_.reject(found.pos(), fmt::format("{} must be {}, not {}", path(key), wanted, with_article(found.kind())),
                   unquoted        ? "put it in quotes"
                   : quoted_number ? "remove the quotes"
                                   : "");
}

void Fields::reject_error(std::string_view key, const Node& value, const base::Error& error) const {
  problems_.reject(error.where.value_or(value.pos()), fmt::format("{}: {}", path(key), error.message), error.help);
}

void Fields::reject_word(std::string_view key, std::string_view word, std::span<const std::string_view> words) const {
  const auto nearest = base::nearest_name(word, words);
  reject(key, fmt::format("must be one of {}, not {}", fmt::join(words, ", "), quoted(word)),
         nearest ? fmt::format("did you mean {}?", *nearest) : "");
}

}  // namespace gantry::kube
