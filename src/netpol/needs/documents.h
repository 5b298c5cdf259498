#pragma once

// What configuration files say: those that are YAML or JSON member by member, others line by line. Known formats are told
// by their members; each may leave parts out, or read parts in its own way.

#include "base/node.h"
#include "kube/config.h"
#include "netpol/needs/collector.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// A file in a container of a workload.
struct ConfigFile {
  NeedParty source;
  std::string name_space;
  std::string name;       // the key: "kong.yml"
  std::string_view text;  // with variables filled in
  base::SourcePos where;  // of the value
  bool placed = false;    // it is part of a manifest: its nodes know their places

  // The place of a node that was read from the text.
  base::SourcePos place_of(const base::Node& node) const;
};

struct DocumentFormat {
  std::string_view name;
  NeedOrigin origin = NeedOrigin::config_document;
  bool (*recognises)(const base::Node& root) = nullptr;
  // Members that say nothing about whom the program calls, at any depth.
  std::vector<std::string_view> skipped;
  // Reads what the general reading of members would miss or misread; null: nothing. `skipped` members are still its to read.
  void (*read)(NeedCollector& needs, const ConfigFile& file, const base::Node& root) = nullptr;
  // Nothing in it is a call: alert rules, dashboards.
  bool calls_nobody = false;
};

std::span<const DocumentFormat> document_formats();  // document_formats.cc

void read_config_file(NeedCollector& needs, const ConfigFile& file);

// Reads members at any depth but those skipped: the parts of a document that belong together are the members of one map.
void read_members(NeedCollector& needs, const ConfigFile& file, const base::Node& node, NeedOrigin origin,
                  std::span<const std::string_view> skipped, bool is_known_format);

// The formats' own readers.
void read_prometheus(NeedCollector& needs, const ConfigFile& file, const base::Node& root);      // scrape_configs.cc
void read_scrape_configs(NeedCollector& needs, const ConfigFile& file, const base::Node& list);  // scrape_configs.cc
void read_otel_collector(NeedCollector& needs, const ConfigFile& file, const base::Node& root);  // otel_collector.cc
void read_promtail(NeedCollector& needs, const ConfigFile& file, const base::Node& root);
void read_envoy(NeedCollector& needs, const ConfigFile& file, const base::Node& root);

}  // namespace gantry::netpol
