#include "launch/plan_preamble.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace gantry::launch {

namespace {

using base::Severity;

// Where a header may stand (reference §2.1): a title or a quote may come before it.
constexpr int kHeaderLinesMax = 10;
// Real plans have fewer than twenty. Each new one is compared with all before it.
constexpr std::size_t kHandlesMax = 1000;

enum class Key { handles, ledger, entropy };
constexpr std::array<std::string_view, 3> kKeyNames = {"handles", "ledger", "entropy"};

// "ledger:" or "ledger=" at the start of a line, or behind a ';' in the short form of a plan.
struct KeyedValue {
  Key key;
  Span value;  // to the end of the line, or to the next key
  std::size_t line;
};

bool ends_preamble(std::string_view line) {
  const std::string_view text = base::trim(line);
  return text.starts_with("##") || text.starts_with("# Track");
}

std::optional<Key> key_at(std::string_view text, std::size_t& value_start) {
  for (std::size_t i = 0; i < kKeyNames.size(); ++i) {
    if (!text.starts_with(kKeyNames[i])) continue;
    const std::size_t separator = text.find_first_not_of(" \t", kKeyNames[i].size());
    if (separator == std::string_view::npos || (text[separator] != ':' && text[separator] != '=')) continue;
    value_start = separator + 1;
    return static_cast<Key>(i);
  }
  return std::nullopt;
}

class PreambleReader {
 public:
  PreambleReader(const DocumentLines& document, const PlanEnvelope& envelope, PlanFindings& findings)
      : document_(document), findings_(findings), first_(envelope.first), last_(envelope.first) {
    while (last_ < envelope.last && !ends_preamble(document.line(last_))) ++last_;
  }

  Preamble read() {
    read_headers();
    for (std::size_t i = first_; i < last_; ++i) {
      if (base::trim(document_.line(i)).starts_with("/hydrate")) preamble_.has_hydrate_cue = true;
      for (const KeyedValue& keyed : keys_of_line(i)) read_key(keyed);
    }
    return std::move(preamble_);
  }

 private:
  void read_headers() {
    int seen = 0;
    for (std::size_t i = first_; i < last_ && seen < kHeaderLinesMax; ++i) {
      if (document_.is_blank(i)) continue;
      ++seen;
      std::optional<PlanHeader> header = read_header(document_.span(i), findings_);
      if (!header) continue;
      if (preamble_.header) {
        findings_.add({.rule = "plan.header",
                       .severity = Severity::low,
                       .where = header->where,
                       .message = "the plan has a second header; the first counts",
                       .fix = "keep one of both",
                       .related = {{.where = preamble_.header->where, .note = "first header"}}});
        continue;
      }
      preamble_.header = std::move(header);
      check_header_phase();
    }
  }

  void check_header_phase() {
    const std::string& phase = preamble_.header->phase;
    if (phase.empty() || std::ranges::find(kPhases, phase) != kPhases.end()) return;
    findings_.add({.rule = "plan.header",
                   .severity = Severity::low,
                   .where = preamble_.header->where,
                   .message = fmt::format("the header's phase '{}' is none of the eleven phases", phase),
                   .fix = fmt::format("use one of {}", fmt::join(kPhases, ", "))});
  }

  std::vector<KeyedValue> keys_of_line(std::size_t line) const {
    std::vector<KeyedValue> keys;
    const Span span = document_.span(line);
    const std::string_view text = document_.slice(span);
    std::size_t start = std::min(text.find_first_not_of(" \t"), text.size());
    if (start > 3) return keys;  // belongs to the value above
    while (start < text.size()) {
      std::size_t value_start = 0;
      const std::optional<Key> key = key_at(text.substr(start), value_start);
      if (!key && keys.empty()) return keys;
      const std::size_t next = next_key(text, start + value_start);
      if (key) {
        const Span value{.offset = span.offset + start + value_start,
                         .length = std::min(next, text.size()) - start - value_start};
        keys.push_back({.key = *key, .value = trim_span(document_.text(), value), .line = line});
      }
      start =
          next == std::string_view::npos ? text.size() : std::min(text.find_first_not_of("; \t", next), text.size());
    }
    return keys;
  }

  // The ';' before another key: "handles: …; ledger={…}; entropy=0.07".
  static std::size_t next_key(std::string_view text, std::size_t from) {
    for (std::size_t i = text.find(';', from); i != std::string_view::npos; i = text.find(';', i + 1)) {
      const std::size_t word = std::min(text.find_first_not_of(" \t", i + 1), text.size());
      std::size_t ignored = 0;
      if (key_at(text.substr(word), ignored)) return i;
    }
    return std::string_view::npos;
  }

  void read_key(const KeyedValue& keyed) {
    if (const auto [earlier, is_new] = seen_.try_emplace(keyed.key, keyed.value.offset); !is_new) {
      findings_.add({.rule = "plan.preamble",
                     .severity = Severity::low,
                     .where = findings_.pos(keyed.value.offset),
                     .message = fmt::format("{} is given twice; the first counts",
                                            kKeyNames.at(static_cast<std::size_t>(keyed.key))),
                     .fix = "keep one of both",
                     .related = {{.where = findings_.pos(earlier->second), .note = "first given here"}}});
      return;
    }
    switch (keyed.key) {
      case Key::handles: read_handles(keyed); break;
      case Key::ledger: preamble_.ledger = read_ledger(ledger_region(keyed), findings_); break;
      case Key::entropy: preamble_.entropy = read_entropy(block_region(keyed), findings_); break;
    }
  }

  void read_handles(const KeyedValue& keyed) {
    const std::string_view inline_value = document_.slice(keyed.value);
    if (!inline_value.empty() && !inline_value.starts_with('#')) {
      std::size_t start = keyed.value.offset;
      for (const std::string_view part : base::split(inline_value, ',')) {
        add_handle({.offset = start, .length = part.size()});
        start += part.size() + 1;
      }
      return;
    }
    for (std::size_t i = keyed.line + 1; i < last_; ++i) {
      Span entry = trim_span(document_.text(), document_.span(i));
      const std::string_view text = document_.slice(entry);
      if (text.empty() || text.starts_with('#')) continue;
      const bool is_item = text.starts_with("- ") || text == "-";
      if (!is_item && !is_space_or_tab(document_.line(i)[0])) return;
      if (is_item) entry = {.offset = entry.offset + 1, .length = entry.length - 1};
      if (preamble_.handles.size() == kHandlesMax) {
        findings_.add({.rule = "plan.handle-syntax",
                       .where = findings_.pos(entry.offset),
                       .message = fmt::format("only the first {} handles are read", kHandlesMax),
                       .fix = "name folders instead of their files"});
        return;
      }
      add_handle(entry);
    }
  }

  void add_handle(Span entry) {
    std::optional<Handle> handle = read_handle(entry, findings_);
    if (!handle) return;
    const auto earlier = std::ranges::find(preamble_.handles, handle->name, &Handle::name);
    if (earlier == preamble_.handles.end()) {
      preamble_.handles.push_back(std::move(*handle));
      return;
    }
    findings_.add(
        {.rule = "plan.handle-duplicate",
         .where = handle->where,
         .object = handle->name,
         .message = fmt::format("handle '{}' is given twice; the first counts", handle->name),
         .fix = "rename one of both",
         .related = {{.where = earlier->where, .note = fmt::format("first given here, as {}", earlier->path)}}});
  }

  // The value and the indented or listed lines below it, up to a blank line.
  Span block_region(const KeyedValue& keyed) const {
    Span region = keyed.value;
    if (region.length > 0) return region;
    region.offset = document_.span(keyed.line).end();
    for (std::size_t i = keyed.line + 1; i < last_ && !document_.is_blank(i); ++i) {
      const char start = document_.line(i)[0];
      if (!is_space_or_tab(start) && start != '-') break;
      region.length = document_.span(i).end() - region.offset;
    }
    return trim_span(document_.text(), region);
  }

  // What is between the braces, however many lines it takes; without braces, as block_region.
  Span ledger_region(const KeyedValue& keyed) {
    if (!document_.slice(keyed.value).starts_with('{')) return block_region(keyed);
    const std::size_t start = keyed.value.offset + 1;
    std::size_t end = start;
    for (std::size_t i = keyed.line; i < last_ && !document_.is_blank(i); ++i) {
      const Span line = document_.span(i);
      end = line.end();
      const std::size_t from = std::max(start, line.offset);
      const std::size_t brace = document_.slice({.offset = from, .length = line.end() - from}).find('}');
      if (brace != std::string_view::npos) return {.offset = start, .length = from + brace - start};
    }
    findings_.add({.rule = "plan.ledger-syntax",
                   .where = findings_.pos(keyed.value.offset),
                   .message = "the ledger's brace is not closed",
                   .fix = "end it with '}'"});
    return {.offset = start, .length = end - start};
  }

  const DocumentLines& document_;
  PlanFindings& findings_;
  std::size_t first_, last_;
  Preamble preamble_;
  std::map<Key, std::size_t> seen_;
};

}  // namespace

Preamble read_preamble(const DocumentLines& document, const PlanEnvelope& envelope, PlanFindings& findings) {
  return PreambleReader(document, envelope, findings).read();
}

}  // namespace gantry::launch
