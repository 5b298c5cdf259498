#pragma once

// Where the sources of evidence put what they found: it is resolved, merged and put in order here, so that no source has to.

#include "netpol/needs.h"
#include "netpol/needs/directory.h"
#include "netpol/needs/settings.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace gantry::netpol {

// Reasons that are kept for one need: nobody reads a hundred.
inline constexpr std::size_t kEvidenceMax = 12;

class NeedCollector {
 public:
  NeedCollector(const kube::Snapshot& snapshot, const NeedOptions& options);

  const kube::Snapshot& snapshot() const { return directory_.snapshot(); }
  const Directory& directory() const { return directory_; }
  const NeedOptions& options() const { return options_; }

  // A host that a text names, dialled by a workload or by somebody else from the namespace.
  void add_host(const NeedParty& source, std::string_view name_space, const HostReference& reference,
                NeedOrigin origin);
  // All of them; `prefix` comes before each text ("prometheus.yml: ").
  void add_hosts(const NeedParty& source, std::string_view name_space, const std::vector<HostReference>& references,
                 NeedOrigin origin, std::string_view prefix = {});
  // A Service and one of its ports, as routes and webhooks name them. `written` is how, for what dangles: "shop/web port http".
  void add_service(const NeedParty& source, const ServiceRoute& service, const std::optional<kube::PortRef>& port,
                   NeedEvidence evidence);
  void add_resolution(const NeedParty& source, const Resolution& resolution, const NeedEvidence& evidence);
  void add_flow(const NeedParty& source, const Listener& destination, const std::optional<ServiceRoute>& route,
                NeedEvidence evidence);
  void add_dangling(DanglingNeed dangling);
  // The workload asks DNS: it has a host by name. Remembers the first reason.
  void note_name(const NeedParty& source, const NeedEvidence& evidence);

  // Somebody's configuration says whom it scrapes: then annotations alone say nothing.
  void note_scraper() { has_scraper_ = true; }
  bool has_scraper() const { return has_scraper_; }

  const std::map<std::size_t, NeedEvidence>& names_by_workload() const { return names_by_workload_; }
  // Forgets weaker needs and dangling ones between two parties: somebody has said how it is.
  void override_between(const NeedParty& source, const NeedParty& destination);

  // In order of source, destination, protocol and route; the collector is then empty.
  Needs take();

 private:
  using Key = std::tuple<NeedParty, NeedParty, kube::Protocol, std::optional<ServiceRoute>>;
  // A single pod that talks to its own workload talks to itself: no policy sees that (§7).
  bool is_loopback(const NeedParty& source, const NeedParty& destination) const;

  Directory directory_;
  NeedOptions options_;
  std::map<Key, Need> needs_;
  std::map<std::tuple<NeedParty, std::string, std::optional<kube::Port>>, DanglingNeed> dangling_;
  std::map<std::size_t, NeedEvidence> names_by_workload_;
  bool has_scraper_ = false;
};

// What a text is worth, once it is known whom it names (§14.3).
Confidence confidence_of(Wording wording, const Resolution& resolution);

// Whether two pods of the workload can run at once: several replicas, or somebody who scales it.
bool has_peers(const kube::Snapshot& snapshot, std::size_t workload);
// The Service between a client and what it asks for, where its address is translated; null for a headless one and for names alone.
const kube::Service* find_translating(const kube::Snapshot& snapshot, const std::optional<ServiceRoute>& route);

}  // namespace gantry::netpol
