#include "netpol/needs/documents.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace gantry::netpol {

namespace {

using base::Node;

// Members that are about something else in every format.
constexpr std::array<std::string_view, 16> kNeverCalls = {"$schema",
                                                          "annotations",
                                                          "args",
                                                          "command",
                                                          "comment",
                                                          "descriptions",
                                                          "expr",
                                                          "external_labels",
                                                          "labels",
                                                          "metric_relabel_configs",
                                                          "query",
                                                          "regex",
                                                          "relabel_configs",
                                                          "summary",
                                                          "template",
                                                          "templates"};

bool is_skipped(std::string_view key, std::span<const std::string_view> skipped) {
  return std::ranges::find(kNeverCalls, key) != kNeverCalls.end() || std::ranges::find(skipped, key) != skipped.end() ||
         names_no_destination(key);
}

std::string text_of(const Node& scalar) {
  if (scalar.is_string()) return scalar.string();
  return scalar.is_integer() ? std::to_string(scalar.integer()) : std::string();
}

bool is_text(const Node& node) { return node.is_string() || node.is_integer(); }

class MemberReader {
 public:
  MemberReader(NeedCollector& needs, const ConfigFile& file, NeedOrigin origin,
               std::span<const std::string_view> skipped, bool is_known_format)
      : needs_(needs), file_(file), origin_(origin), skipped_(skipped), is_known_format_(is_known_format) {}

  void read(const Node& node) {
    if (node.is_map()) return read_map(node);
    if (!node.is_array()) return;
    for (const Node& element : node.array()) read(element);
  }

 private:
  void read_map(const Node& map) {
    std::vector<Setting> group;
    for (const Node::Member& member : map.map()) {
      if (is_skipped(member.key, skipped_)) continue;
      if (is_text(member.value)) {
        group.push_back({member.key, text_of(member.value), file_.place_of(member.value)});
      } else if (member.value.is_array()) {
        for (const Node& element : member.value.array())
          if (is_text(element)) group.push_back({member.key, text_of(element), file_.place_of(element)});
      }
    }
    add(group);
    for (const Node::Member& member : map.map())
      if (!is_skipped(member.key, skipped_)) read(member.value);
  }

  void add(const std::vector<Setting>& group) {
    std::vector<HostReference> references = read_settings(group);
    std::erase_if(references, [](const HostReference& reference) { return reference.wording == Wording::word; });
    for (HostReference& reference : references) reference.only_inside = !is_known_format_ && !reference.named_so;
    needs_.add_hosts(file_.source, file_.name_space, references, origin_, file_.name + ": ");
  }

  NeedCollector& needs_;
  const ConfigFile& file_;
  NeedOrigin origin_;
  std::span<const std::string_view> skipped_;
  bool is_known_format_;
};

// ---- Text that is no tree: properties, TOML, nginx, NATS, and everything else ----

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with("//") || line.starts_with(';') || line.starts_with("--");
}

// "name = value", "name: value", "name value;": the name, when the line begins with one.
Setting setting_of(std::string_view line, const base::SourcePos& where) {
  constexpr std::string_view kNameEnds = " \t=:{[(\"'";
  const std::size_t end = line.find_first_of(kNameEnds);
  if (end == std::string_view::npos || end == 0) return {"", std::string(line), where};
  std::string_view value = base::trim(line.substr(end));
  const bool is_url = value.starts_with("://");
  if (is_url || line[end] == '(') return {"", std::string(line), where};
  if (value.starts_with('=') || value.starts_with(':')) value = base::trim(value.substr(1));
  while (!value.empty() && std::string_view("\"';,").find(value.front()) != std::string_view::npos)
    value.remove_prefix(1);
  while (!value.empty() && std::string_view("\"';,").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return {std::string(line.substr(0, end)), std::string(value), where};
}

// nginx and HAProxy name the members of an upstream by this word; HTTP's port is implied.
constexpr std::array<std::string_view, 4> kUpstreamWords = {"fastcgi_pass", "grpc_pass", "server", "uwsgi_pass"};

void add_lines(NeedCollector& needs, const ConfigFile& file, const std::vector<Setting>& group) {
  std::vector<HostReference> references = read_settings(group);
  std::erase_if(references, [](const HostReference& reference) {
    const bool is_name_alone = reference.wording == Wording::word || reference.wording == Wording::name;
    return reference.wording == Wording::word || (is_name_alone && !reference.named_so);
  });
  for (HostReference& reference : references) reference.only_inside = !reference.named_so;
  needs.add_hosts(file.source, file.name_space, references, NeedOrigin::config_document, file.name + ": ");
}

void read_lines(NeedCollector& needs, const ConfigFile& file) {
  std::vector<Setting> group;
  std::size_t number = 0;
  for (const std::string_view untrimmed : base::split(file.text, '\n')) {
    const std::string_view line = base::trim(untrimmed);
    const base::SourcePos where = line_within(file.where, number++, file.text);
    if (line.empty() || is_comment(line)) continue;
    const bool is_section = line.starts_with('[') && line.ends_with(']') && line.find(':') == std::string_view::npos;
    if (is_section) {
      add_lines(needs, file, group);
      group.clear();
      continue;
    }
    Setting setting = setting_of(line, where);
    const bool is_upstream = std::ranges::find(kUpstreamWords, setting.name) != kUpstreamWords.end();
    if (is_upstream && find_hosts(setting.value).empty()) {
      // "server web weight=5;": the first word is the host.
      const std::string_view host = std::string_view(setting.value).substr(0, setting.value.find(' '));
      if (is_host_name(host)) setting.value = fmt::format("http://{}", host);
    }
    group.push_back(std::move(setting));
  }
  add_lines(needs, file, group);
}

// ---- Trees ----

std::vector<Node> load_documents(const ConfigFile& file) {
  if (base::trim(file.text).starts_with('{')) {
    if (base::Result<Node> json = base::load_json(file.text, file.name)) return {*std::move(json)};
  }
  base::Result<std::vector<Node>> documents = base::load_yaml(file.text, file.name);
  if (!documents) return {};
  const bool is_tree =
      std::ranges::all_of(*documents, [](const Node& root) { return root.is_map() || root.is_array(); });
  return is_tree ? *std::move(documents) : std::vector<Node>();
}

void read_tree(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  const std::span<const DocumentFormat> formats = document_formats();
  const auto format =
      std::ranges::find_if(formats, [&](const DocumentFormat& candidate) { return candidate.recognises(root); });
  if (format == formats.end()) return read_members(needs, file, root, NeedOrigin::config_document, {}, false);
  if (format->calls_nobody) return;
  read_members(needs, file, root, format->origin, format->skipped, true);
  if (format->read) format->read(needs, file, root);
}

}  // namespace

base::SourcePos ConfigFile::place_of(const Node& node) const {
  if (placed) return node.pos();
  // A file of its own: what stands in the text stands in the file.
  if (where.line == 0 && where.file) return {where.file, node.pos().line, node.pos().column};
  return line_within(where, node.pos().line == 0 ? 0 : node.pos().line - 1, text);
}

void read_members(NeedCollector& needs, const ConfigFile& file, const Node& node, NeedOrigin origin,
                  std::span<const std::string_view> skipped, bool is_known_format) {
  MemberReader(needs, file, origin, skipped, is_known_format).read(node);
}

void read_config_file(NeedCollector& needs, const ConfigFile& file) {
  const std::vector<Node> documents = load_documents(file);
  if (documents.empty()) return read_lines(needs, file);
  for (const Node& root : documents) read_tree(needs, file, root);
}

}  // namespace gantry::netpol
