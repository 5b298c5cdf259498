#include "kube/labels.h"

#include "kube/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::kube {

LabelSet::LabelSet(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {
  std::ranges::stable_sort(pairs_, {}, &Pair::first);
  // Of equal keys the last one stays.
  const auto kept =
      std::unique(pairs_.rbegin(), pairs_.rend(), [](const Pair& a, const Pair& b) { return a.first == b.first; });
  pairs_.erase(pairs_.begin(), kept.base());
}

const std::string* LabelSet::find(std::string_view key) const {
  const auto it = std::ranges::lower_bound(pairs_, key, {}, [](const Pair& p) { return std::string_view(p.first); });
  return it != pairs_.end() && it->first == key ? &it->second : nullptr;
}

void LabelSet::set(std::string key, std::string value) {
  const auto it = std::ranges::lower_bound(pairs_, key, {}, &Pair::first);
  if (it != pairs_.end() && it->first == key) {
    it->second = std::move(value);
  } else {
    pairs_.emplace(it, std::move(key), std::move(value));
  }
}

bool LabelSet::erase(std::string_view key) {
  return std::erase_if(pairs_, [&](const Pair& pair) { return pair.first == key; }) > 0;
}

std::string to_string(const LabelSet& labels) {
  if (labels.empty()) return "<none>";
  std::string text;
  for (const auto& [key, value] : labels)
    fmt::format_to(std::back_inserter(text), "{}{}={}", text.empty() ? "" : ",", key, value);
  return text;
}

namespace {

constexpr std::size_t kLabelNameMax = 63;  // API machinery: qualified names, label values

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
std::optional<std::string> invalid_name_part(std::string_view text) {
  if (text.size() > kLabelNameMax) return "is longer than 63 characters";
  const auto allowed = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  if (!std::ranges::all_of(text, allowed)) return "may only hold letters, digits, '-', '_' and '.'";
  if (!is_alphanumeric(text.front()) || !is_alphanumeric(text.back()))
    return "must begin and end with a letter or digit";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> invalid_label_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    if (prefix.empty()) return "has nothing before the '/'";
    if (const auto why = invalid_dns_subdomain(prefix)) return "has a prefix that " + *why;
    key.remove_prefix(slash + 1);
    if (key.contains('/')) return "has more than one '/'";
  }
  if (key.empty()) return "is empty";
  return invalid_name_part(key);
}

std::optional<std::string> invalid_label_value(std::string_view value) {
  if (value.empty()) return std::nullopt;
  return invalid_name_part(value);
}

}  // namespace gantry::kube
