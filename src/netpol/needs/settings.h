#pragma once

// Named values that a process is given, whatever their form: environment variables, members of one map of a configuration
// document, lines of a properties file, flags of a command. One reading for all of them, since people name them alike
// everywhere: DB_HOST beside DB_PORT, `redis: {host, port}`, spring.redis.host, --brokers=a:9092 (§14.1, "pair variables").

#include "base/source.h"
#include "kube/port.h"
#include "netpol/needs/host_text.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

struct Setting {
  std::string name;  // "" when the text stands alone
  std::string value;
  base::SourcePos where;
};

// How a host and a port stand in the text; decides how far the text is believed (§14.3). Ordered: a later one is surer.
enum class Wording : std::uint8_t {
  word,       // a bare word, and nothing says that it is a host
  name,       // a host, and no port anywhere
  pair,       // a host, its port in a setting of its own
  url,        // a URL, its port is the scheme's
  with_port,  // host:port, with or without a scheme
};

struct HostReference {
  HostText host;
  std::optional<kube::Port> port;  // from wherever it was found
  Wording wording = Wording::word;
  // A port that the name of the setting suggests ("REDIS_HOST"), to choose among those that a Service has.
  std::optional<kube::Port> likely_port;
  bool dangles = false;      // worth telling when nothing has that name
  bool named_so = false;     // the setting's name says that it is a host
  bool only_inside = false;  // counts only when it is somebody in the cluster
  base::SourcePos where;
  std::string text;  // "DB_HOST=db, DB_PORT=5432"; without users, passwords and paths
};

// Hosts that the settings of one group name: a group is what belongs together, in which a port may stand beside its host.
// Loopback is left out, as are settings that name hosts for other reasons than to call them (CORS origins, listen addresses,
// public URLs).
std::vector<HostReference> read_settings(std::span<const Setting> group);

// Whether a name outside the cluster looks like one: "api.example.com", and not "main.go:12" or "v1.2".
bool is_plausible_outside(std::string_view host);

// Whether the name says that the value is about something else than whom to call.
bool names_no_destination(std::string_view name);

// Whether the value of a setting with that name is a host: "DB_HOST", "bootstrap.servers", "endpoint".
bool names_a_host(std::string_view name);

// The place of a line within a value: exact for block scalars of YAML and for values that are whole files.
base::SourcePos line_within(const base::SourcePos& value, std::size_t line, std::string_view text);

}  // namespace gantry::netpol
