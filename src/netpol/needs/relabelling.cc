#include "netpol/needs/relabelling.h"

#include "base/text.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace gantry::netpol {

namespace {

using base::Node;

// A pattern's program: more than any pattern of names needs, and little enough that a thousand of them hurt nobody.
constexpr std::int64_t kPatternBytesMax = 1 << 20;
constexpr int kGroupsMax = 20;

// What stands in for a value that only a running Prometheus knows; no label can hold it.
constexpr std::string_view kUnknown("\0?", 2);

enum class Action {
  replace,
  keep,
  drop,
  keepequal,
  dropequal,
  hashmod,
  labelmap,
  labeldrop,
  labelkeep,
  lowercase,
  uppercase
};
struct NamedAction {
  std::string_view name;
  Action action;
};
constexpr std::array kActions = {
    NamedAction{"", Action::replace},
    NamedAction{"replace", Action::replace},
    NamedAction{"keep", Action::keep},
    NamedAction{"drop", Action::drop},
    NamedAction{"keepequal", Action::keepequal},
    NamedAction{"dropequal", Action::dropequal},
    NamedAction{"hashmod", Action::hashmod},
    NamedAction{"labelmap", Action::labelmap},
    NamedAction{"labeldrop", Action::labeldrop},
    NamedAction{"labelkeep", Action::labelkeep},
    NamedAction{"lowercase", Action::lowercase},
    NamedAction{"uppercase", Action::uppercase},
};

using Groups = std::array<re2::StringPiece, kGroupsMax>;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "$1", "${1}", "$name" and "$$", as Go's regexp.Expand.
std::string expand(std::string_view replacement, const RE2& regex, const Groups& groups) {
  std::string expanded;
  std::size_t i = 0;
  while (i < replacement.size()) {
    if (replacement[i] != '$') {
      expanded += replacement[i++];
      continue;
    }
    if (replacement.substr(i).starts_with("$$")) {
      expanded += '$';
      i += 2;
      continue;
    }
    const bool braced = replacement.substr(i).starts_with("${");
    const std::size_t start = i + (braced ? 2 : 1);
    std::size_t end = start;
    while (end < replacement.size() && is_name_char(replacement[end])) ++end;
    const std::string name(replacement.substr(start, end - start));
    i = braced && end < replacement.size() ? end + 1 : end;
    std::size_t number = kGroupsMax;
    if (!name.empty() && name.size() <= 2 && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
      number = static_cast<std::size_t>(std::stoi(name));
    } else if (const auto it = regex.NamedCapturingGroups().find(name); it != regex.NamedCapturingGroups().end()) {
      number = static_cast<std::size_t>(it->second);
    }
    if (number < groups.size()) expanded.append(groups.at(number).data(), groups.at(number).size());
  }
  return expanded;
}

}  // namespace

struct Relabelling::Rule {
  Action action = Action::replace;
  std::vector<std::string> sources;
  std::string separator = ";";
  std::string target;
  std::string replacement = "$1";
  std::unique_ptr<RE2> regex;

  bool matches(std::string_view text, Groups& groups) const {
    const int count = std::min(kGroupsMax, regex->NumberOfCapturingGroups() + 1);
    return regex->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::ANCHOR_BOTH, groups.data(),
                        count);
  }

  std::string joined(const TargetLabels& labels) const {
    std::string text;
    for (const std::string& source : sources) {
      if (!text.empty() || &source != &sources.front()) text += separator;
      const auto it = labels.find(source);
      if (it != labels.end()) text += it->second;
    }
    return text;
  }

  void replace(const std::string& value, TargetLabels& labels) const {
    Groups groups;
    if (!matches(value, groups)) return;
    const std::string name = expand(target, *regex, groups);
    std::string result = expand(replacement, *regex, groups);
    if (result.empty()) {
      labels.erase(name);
    } else {
      labels[name] = std::move(result);
    }
  }

  void map_names(TargetLabels& labels) const {
    TargetLabels mapped;
    for (const auto& [name, value] : labels) {
      Groups groups;
      if (matches(name, groups)) mapped[expand(replacement, *regex, groups)] = value;
    }
    for (auto& [name, value] : mapped) labels[name] = value;
  }

  // Whether the target stays.
  bool apply(TargetLabels& labels) const {
    const std::string value = joined(labels);
    const bool is_unknown = value.find(kUnknown) != std::string::npos;
    Groups groups;
    switch (action) {
      case Action::keep: return is_unknown || matches(value, groups);
      case Action::drop: return is_unknown || !matches(value, groups);
      case Action::keepequal: return is_unknown || labels[target] == value;
      case Action::dropequal: return is_unknown || labels[target] != value;
      case Action::hashmod: labels[target] = std::string(kUnknown); return true;
      case Action::lowercase: labels[target] = base::to_lower_ascii(value); return true;
      case Action::uppercase: labels[target] = value; return true;  // only labels that people read are upper case
      case Action::replace: replace(value, labels); return true;
      case Action::labelmap: map_names(labels); return true;
      case Action::labeldrop: std::erase_if(labels, [&](auto& l) { return matches(l.first, groups); }); return true;
      case Action::labelkeep: std::erase_if(labels, [&](auto& l) { return !matches(l.first, groups); }); return true;
    }
    return true;
  }

  static std::shared_ptr<const Rule> parse(const Node& node) {
    auto rule = std::make_shared<Rule>();
    const std::string wanted = base::to_lower_ascii(node.text("action"));
    const auto action = std::ranges::find(kActions, wanted, &NamedAction::name);
    if (action == kActions.end()) return nullptr;
    rule->action = action->action;
    if (const Node* sources = node.get("source_labels"); sources && sources->is_array()) {
      for (const Node& source : sources->array())
        if (source.is_string()) rule->sources.push_back(source.string());
    }
    rule->target = node.text("target_label");
    if (const Node* separator = node.get("separator"); separator && separator->is_string())
      rule->separator = separator->string();
    if (const Node* replacement = node.get("replacement"); replacement && replacement->is_string())
      rule->replacement = replacement->string();
    std::string pattern = "(.*)";
    if (const Node* regex = node.get("regex")) {
      if (regex->is_string()) pattern = regex->string();
      if (regex->is_integer()) pattern = std::to_string(regex->integer());
      if (regex->is_bool()) pattern = regex->boolean() ? "true" : "false";
    }
    RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    options.set_max_mem(kPatternBytesMax);
    rule->regex = std::make_unique<RE2>(pattern, options);
    return rule->regex->ok() ? rule : nullptr;
  }
};

Relabelling::Relabelling() = default;

Relabelling Relabelling::parse(const Node* list) {
  Relabelling relabelling;
  if (list == nullptr || !list->is_array()) return relabelling;
  for (const Node& node : list->array())
    if (std::shared_ptr<const Rule> rule = Rule::parse(node)) relabelling.rules_.push_back(std::move(rule));
  return relabelling;
}

bool Relabelling::apply(TargetLabels& labels) const {
  return std::ranges::all_of(rules_, [&](const auto& rule) { return rule->apply(labels); });
}

std::string label_name(std::string_view prefix, std::string_view key) {
  std::string name(prefix);
  for (const char c : key) name += is_name_char(c) ? c : '_';
  return name;
}

}  // namespace gantry::netpol
