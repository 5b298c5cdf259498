#include "netpol/needs/settings.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

// What a name ends in when its value is a host, or holds one. The longest that fits counts. A value without a port that no
// Service has as its name dangles only where the word is used for hosts and nothing else.
struct HostSuffix {
  std::string_view suffix;
  bool only_for_hosts = false;
};
constexpr std::array kHostSuffixes = {
    HostSuffix{"addr", true},       HostSuffix{"addresses", false},  HostSuffix{"address", false},
    HostSuffix{"addrs", true},      HostSuffix{"backend", false},    HostSuffix{"backends", false},
    HostSuffix{"bootstrap", false}, HostSuffix{"broker", false},     HostSuffix{"brokers", false},
    HostSuffix{"connectionstring"}, HostSuffix{"dsn", false},        HostSuffix{"endpoint", true},
    HostSuffix{"endpoints", true},  HostSuffix{"host", true},        HostSuffix{"hostname", true},
    HostSuffix{"hosts", true},      HostSuffix{"joinmembers", true}, HostSuffix{"nodes", false},
    HostSuffix{"peers", false},     HostSuffix{"seeds", false},      HostSuffix{"server", false},
    HostSuffix{"servers", false},   HostSuffix{"target", false},     HostSuffix{"targets", false},
    HostSuffix{"upstream", false},  HostSuffix{"uri", true},         HostSuffix{"uris", true},
    HostSuffix{"url", true},        HostSuffix{"urls", true},
};

constexpr std::array<std::string_view, 3> kPortSuffixes = {"port", "portvalue", "portnumber"};

// Words in a name that say what the value is for, and it is not for calling. Compared with whole words.
constexpr std::array<std::string_view, 27> kOtherWords = {
    "advertise", "advertised",  "allow",     "allowed",  "bind",    "callback", "cookie", "cors",   "csrf",
    "deny",      "description", "dashboard", "doc",      "docs",    "homepage", "image",  "listen", "listener",
    "listeners", "origin",      "origins",   "redirect", "referer", "runbook",  "schema", "title",  "xmlns",
};
// The same for whole names, or what they end in.
constexpr std::array<std::string_view, 8> kOtherEndings = {"externalurl", "publicurl",  "rooturl",   "publichost",
                                                           "virtualhost", "servername", "schemaurl", "issuerhost"};

// Lower case, in words: "redisHost" and "REDIS_HOST" are both {redis, host}.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = '\0';
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool was_lower = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
    if ((is_upper && was_lower) && !words.back().empty()) words.emplace_back();
    const bool is_part = is_upper || is_lower || (c >= '0' && c <= '9');
    if (is_part) words.back() += base::to_lower_ascii(std::string_view(&c, 1));
    if (!is_part && !words.back().empty()) words.emplace_back();
    before = c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, "")); }

// The name without its ending, when it has one of them: what a host and its port share. "" is a name, too.
template <typename Suffixes, typename Projection>
std::optional<std::string> stem(const std::string& name, const Suffixes& suffixes, Projection suffix_of) {
  std::size_t longest = 0;
  for (const auto& entry : suffixes) {
    const std::string_view suffix = suffix_of(entry);
    if (name.ends_with(suffix)) longest = std::max(longest, suffix.size());
  }
  if (longest == 0) return std::nullopt;
  return name.substr(0, name.size() - longest);
}
std::optional<std::string> host_stem(const std::string& name) {
  return stem(name, kHostSuffixes, [](const HostSuffix& s) { return s.suffix; });
}
std::optional<std::string> port_stem(const std::string& name) {
  return stem(name, kPortSuffixes, [](std::string_view s) { return s; });
}

bool is_only_for_hosts(const std::string& name) {
  return std::ranges::any_of(kHostSuffixes,
                             [&](const HostSuffix& s) { return s.only_for_hosts && name.ends_with(s.suffix); });
}

struct NamedPort {
  std::string stem;
  kube::Port port;
  const Setting* setting = nullptr;
};

std::vector<NamedPort> collect_ports(std::span<const Setting> group) {
  std::vector<NamedPort> ports;
  for (const Setting& setting : group) {
    const std::optional<std::string> name = port_stem(joined(words_of(setting.name)));
    if (!name) continue;
    // A port alone, read as the port of some host.
    const std::vector<HostText> hosts = read_hosts("h:" + std::string(base::trim(setting.value)));
    if (hosts.size() == 1 && hosts.front().port) ports.push_back({*name, *hosts.front().port, &setting});
  }
  return ports;
}

class GroupReader {
 public:
  explicit GroupReader(std::span<const Setting> group) : group_(group), ports_(collect_ports(group)) {}

  std::vector<HostReference> read() {
    for (const Setting& setting : group_) {
      if (!names_no_destination(setting.name)) read_setting(setting);
    }
    return std::move(references_);
  }

 private:
  void read_setting(const Setting& setting) {
    counted_to_ = line_ = 0;
    const std::string name = joined(words_of(setting.name));
    const std::optional<std::string> host_of = host_stem(name);
    std::vector<HostText> hosts = find_hosts(setting.value);
    if (!hosts.empty()) {
      for (HostText& host : hosts) add(setting, name, host_of, std::move(host));
    } else if (host_of) {
      for (HostText& host : read_hosts(setting.value)) add(setting, name, host_of, std::move(host));
    } else if (is_host_name(setting.value) && !name.ends_with("name")) {
      add_word(setting);
    }
  }

  void add(const Setting& setting, const std::string& name, const std::optional<std::string>& host_of, HostText host) {
    if (host.is_loopback()) return;
    HostReference reference;
    reference.where = place(setting, host);
    reference.named_so = host_of.has_value();
    reference.text = evidence(setting, host);
    reference.dangles = !host.scheme.empty() || host.host.find(".svc") != std::string::npos || is_only_for_hosts(name);
    choose_port(host, host_of, reference);
    if (reference.wording < Wording::pair) {
      if (const UrlScheme* product = scheme_named_in(setting.name)) reference.likely_port = kube::Port{product->port};
    }
    reference.host = std::move(host);
    references_.push_back(std::move(reference));
  }

  // Written beside the host, in a setting of its own, or what the scheme says.
  void choose_port(const HostText& host, const std::optional<std::string>& host_of, HostReference& reference) const {
    reference.wording = Wording::name;
    if (host.port) {
      reference.port = host.port;
      reference.wording = Wording::with_port;
      return;
    }
    const auto beside = std::ranges::find_if(ports_, [&](const NamedPort& port) { return port.stem == host_of; });
    if (host.scheme.empty() && host_of && beside != ports_.end()) {
      reference.port = beside->port;
      reference.wording = Wording::pair;
      reference.text += fmt::format(", {}={}", beside->setting->name, beside->port.value());
      return;
    }
    if (host.port_hidden || !host.default_port()) return;
    reference.port = host.default_port();
    reference.wording = Wording::url;
  }

  void add_word(const Setting& setting) {
    HostReference reference;
    reference.host.host = base::to_lower_ascii(setting.value);
    if (reference.host.is_loopback()) return;
    reference.where = setting.where;
    reference.text = evidence(setting, reference.host);
    references_.push_back(std::move(reference));
  }

  static std::string evidence(const Setting& setting, const HostText& host) {
    return setting.name.empty() ? to_string(host) : fmt::format("{}={}", setting.name, to_string(host));
  }

  // Hosts come in the order of the text: lines are counted once.
  base::SourcePos place(const Setting& setting, const HostText& host) {
    const auto passed = std::string_view(setting.value).substr(counted_to_, host.offset - counted_to_);
    line_ += static_cast<std::size_t>(std::ranges::count(passed, '\n'));
    counted_to_ = host.offset;
    return line_within(setting.where, line_, setting.value);
  }

  std::span<const Setting> group_;
  std::vector<NamedPort> ports_;
  std::vector<HostReference> references_;
  std::size_t counted_to_ = 0;  // within the setting that is being read
  std::size_t line_ = 0;
};

}  // namespace

std::vector<HostReference> read_settings(std::span<const Setting> group) { return GroupReader(group).read(); }

bool names_no_destination(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  const bool has_word = std::ranges::any_of(
      words, [](const std::string& word) { return std::ranges::find(kOtherWords, word) != kOtherWords.end(); });
  const std::string whole = joined(words);
  return has_word ||
         std::ranges::any_of(kOtherEndings, [&](std::string_view ending) { return whole.ends_with(ending); });
}

bool is_plausible_outside(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos) return false;
  constexpr std::array<std::string_view, 12> kFileEndings = {"cc",   "conf", "crt", "go",  "html", "js",
                                                             "json", "key",  "md",  "pem", "yaml", "yml"};
  const std::string_view last = host.substr(dot + 1);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return last.size() >= 2 && std::ranges::all_of(last, is_letter) &&
         std::ranges::find(kFileEndings, last) == kFileEndings.end();
}

bool names_a_host(std::string_view name) { return host_stem(joined(words_of(name))).has_value(); }

base::SourcePos line_within(const base::SourcePos& value, std::size_t line, std::string_view text) {
  // A value that is a whole file stands at "line 0" of it. In YAML, text of several lines is a block scalar (or as good as
  // always is), whose first line follows the line where the value begins. JSON writes it all in one line.
  base::SourcePos place = value;
  if (value.line == 0 && value.file) {
    place.line = static_cast<std::uint32_t>(line + 1);
    place.column = 1;
    return place;
  }
  if (text.find('\n') == std::string_view::npos || value.file_name().ends_with(".json")) return place;
  place.line += static_cast<std::uint32_t>(line + 1);
  place.column = 1;
  return place;
}

}  // namespace gantry::netpol
