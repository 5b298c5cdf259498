#pragma once

// How typed values are read from documents. Private to kube.
//
//   Problems problems(object, findings);
//   const Fields root(*object.document, problems);
//   root.only(kBudgetFields);                        // strict validation
//   const Fields spec = root.map("spec");
//   budget.min_available = spec.int_or_percent("minAvailable");
//
// A reader never fails: what can't be read is a finding, and the value keeps its default. null counts as absent, as for the
// API server. The path in messages ("spec.ports[1].port") is put together only when there is something to say.

#include "base/finding.h"
#include "base/node.h"
#include "base/source.h"
#include "base/time.h"
#include "kube/address.h"
#include "kube/int_or_percent.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/pod_spec.h"
#include "kube/port.h"
#include "kube/quantity.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::kube {

// Collects what is wrong with one object.
class Problems {
 public:
  // `object` is only read; it and `findings` outlive this.
  Problems(const Object& object, std::vector<base::Finding>& findings) : object_(object), findings_(findings) {}

  const Object& object() const { return object_; }
  // The API server would reject the object.
  void reject(const base::SourcePos& where, std::string message, std::string fix = {});
  // The API server rejects or takes it, depending on which of its texts the cluster has installed.
  void doubt(const base::SourcePos& where, std::string message, std::string fix);
  void unknown_field(const base::SourcePos& where, std::string message, std::string fix);
  bool rejected() const { return rejected_; }
  // So much is wrong that nothing more is listed: messages need not be put together.
  bool full() const { return listed_ >= kListedMax; }
  bool has_unknown_fields() const { return has_unknown_fields_; }
  // For policies, where a dropped field opens what is meant to be closed.
  void raise_unknown_fields(base::Severity severity) { unknown_severity_ = severity; }

 private:
  const Object& object_;
  std::vector<base::Finding>& findings_;
  base::Severity unknown_severity_ = base::Severity::medium;
  void list(base::Finding finding);

  // A generated file may repeat one mistake a million times.
  static constexpr std::size_t kListedMax = 100;

  std::size_t listed_ = 0;
  bool rejected_ = false;
  bool has_unknown_fields_ = false;
};

// Inclusive.
struct Bounds {
  std::int64_t min = std::numeric_limits<std::int32_t>::min();
  std::int64_t max = std::numeric_limits<std::int32_t>::max();
};
inline constexpr Bounds kNotNegative{.min = 0};
inline constexpr Bounds kPositive{.min = 1};
inline constexpr Bounds kAnyInt64{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

// One word of a field that takes only some.
template <typename Value>
struct Choice {
  std::string_view word;
  Value value;
};

// A map of a document, or the lack of one, with the way that leads to it. Lives on the stack: a child refers to its parent.
class Fields {
 public:
  Fields(const base::Node& root, Problems& problems);
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  bool present() const { return node_ != nullptr; }
  const base::SourcePos& pos() const;                          // of the map
  const base::SourcePos& pos(std::string_view key) const;      // of the value, or of the map
  const base::SourcePos& key_pos(std::string_view key) const;  // of the key, or of the map
  std::string path(std::string_view key = {}) const;           // "spec.ports[1].port"
  Problems& problems() const { return problems_; }
  const base::Node* node() const { return node_; }

  // Null when absent or null.
  const base::Node* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

  Fields map(std::string_view key) const&;
  Fields map(std::string_view key) const&& = delete;
  // Calls `read(const Fields&)` for each element; one that is no map is a finding, and null is an empty map.
  template <typename Read>
  void each(std::string_view key, Read&& read) const& {
    const base::Node* list = find_list(key);
    if (list == nullptr) return;
    const Fields holder(*this, key, list);
    for (std::size_t i = 0; i < list->array().size(); ++i) {
      const base::Node& item = list->array()[i];
      const Fields element(holder, i, holder.check_map(item, i) ? &item : nullptr);
      if (element.present() || item.is_null()) read(element);
    }
  }

  // ---- Scalars ----
  std::string text(std::string_view key, std::string_view otherwise = {}) const;
  std::optional<std::string> optional_text(std::string_view key) const;
  std::optional<bool> optional_flag(std::string_view key) const;
  bool flag(std::string_view key, bool otherwise = false) const { return optional_flag(key).value_or(otherwise); }
  std::optional<std::int64_t> integer(std::string_view key, Bounds bounds = {}) const;
  std::int64_t integer_or(std::string_view key, std::int64_t otherwise, Bounds bounds = {}) const {
    return integer(key, bounds).value_or(otherwise);
  }
  std::optional<std::chrono::seconds> seconds(std::string_view key, Bounds bounds = kNotNegative) const;
  std::optional<base::Timestamp> time(std::string_view key) const;  // RFC 3339
  template <typename Value>
  std::optional<Value> choice(std::string_view key, std::span<const Choice<Value>> choices) const {
    const std::optional<std::string> word = optional_text(key);
    if (!word || word->empty()) return std::nullopt;  // "" is Go's zero value: the default
    std::vector<std::string_view> words;
    for (const Choice<Value>& choice : choices) {
      if (choice.word == *word) return choice.value;
      words.push_back(choice.word);
    }
    reject_word(key, *word, words);
    return std::nullopt;
  }

  // ---- Members of a map whose keys are free: maps may be large, and finding each key again would be quadratic ----
  std::optional<std::string> text_of(const base::Node::Member& member) const;
  std::optional<Quantity> quantity_of(const base::Node::Member& member) const;

  // ---- Kubernetes' own values ----
  std::optional<Quantity> quantity(std::string_view key) const;
  ResourceList resources(std::string_view key) const;
  std::optional<IntOrPercent> int_or_percent(std::string_view key) const;
  std::optional<Port> port(std::string_view key) const;
  std::optional<PortRef> port_ref(std::string_view key) const;
  Protocol protocol(std::string_view key) const;  // TCP when absent
  std::optional<LabelSelector> selector(std::string_view key) const;
  std::optional<LabelSelector> selector_map(std::string_view key) const;
  LabelSet labels(std::string_view key) const;      // keys and values checked as labels
  LabelSet string_map(std::string_view key) const;  // any keys and values
  std::vector<std::string> texts(std::string_view key) const;
  std::optional<Cidr> cidr(std::string_view key) const;
  std::vector<Cidr> cidrs(std::string_view key) const;
  // Texts that are no address are left out silently: status fields and hostnames share these lists.
  std::vector<IpAddress> addresses(std::string_view key) const;

  // ---- What is wrong ----
  // The path of the key goes before the message: "spec.replicas must not be negative".
  void reject(std::string_view key, std::string_view message, std::string fix = {}) const;
  void doubt(std::string_view key, std::string_view message, std::string fix) const;
  void require(std::string_view key) const;
  // Fields that are not among `known` (sorted) are unknown to the API. Objects that a live cluster reported have none.
  void only(std::span<const std::string_view> known) const;

 private:
  Fields(const Fields& parent, std::string_view key, const base::Node* node);
  Fields(const Fields& parent, std::size_t index, const base::Node* node);

  const base::Node* find_list(std::string_view key) const;
  bool check_map(const base::Node& item, std::size_t index) const;
  void reject_kind(std::string_view key, std::string_view wanted, const base::Node& found) const;
  void reject_error(std::string_view key, const base::Node& value, const base::Error& error) const;
  std::optional<std::string> read_text(std::string_view key, const base::Node& value) const;
  std::optional<Quantity> read_quantity(std::string_view key, const base::Node& value) const;
  void reject_word(std::string_view key, std::string_view word, std::span<const std::string_view> words) const;

  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

  const base::Node* node_ = nullptr;
  const Fields* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = kNoIndex;
  Problems& problems_;
};

}  // namespace gantry::kube
