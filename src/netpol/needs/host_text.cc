// A small scanner, in three steps: words, elements of a list within a word, and one element. It looks at each byte a bounded
// number of times, so that a megabyte of configuration costs milliseconds.

#include "netpol/needs/host_text.h"

#include "base/text.h"
#include "kube/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

using Host = UrlScheme::Host;
using kube::Protocol;

constexpr std::array kSchemes = {
    UrlScheme{"amqp", 5672},
    UrlScheme{"amqps", 5671},
    UrlScheme{"bolt", 7687},
    UrlScheme{"cassandra", 9042},
    UrlScheme{"clickhouse", 9000},
    UrlScheme{"clickhouse+http", 8123},
    UrlScheme{"cockroachdb", 26257},
    UrlScheme{"consul", 8500},
    UrlScheme{"data", 0, Protocol::tcp, Host::none},
    UrlScheme{"dns", 0, Protocol::tcp, Host::resolver},
    UrlScheme{"elasticsearch", 9200},
    UrlScheme{"etcd", 2379},
    UrlScheme{"file", 0, Protocol::tcp, Host::none},
    UrlScheme{"ftp", 21},
    UrlScheme{"grpc", 0},
    UrlScheme{"grpcs", 443},
    UrlScheme{"gs", 0, Protocol::tcp, Host::none},
    UrlScheme{"h2c", 80},
    UrlScheme{"http", 80},
    UrlScheme{"https", 443},
    UrlScheme{"influxdb", 8086},
    UrlScheme{"kafka", 9092},
    UrlScheme{"kubernetes", 0, Protocol::tcp, Host::resolver},
    UrlScheme{"ldap", 389},
    UrlScheme{"ldaps", 636},
    UrlScheme{"memcache", 11211},
    UrlScheme{"memcached", 11211},
    UrlScheme{"mongo", 27017},
    UrlScheme{"mongodb", 27017},
    UrlScheme{"mongodb+srv", 0, Protocol::tcp, Host::srv},
    UrlScheme{"mqtt", 1883},
    UrlScheme{"mqtts", 8883},
    UrlScheme{"mssql", 1433},
    UrlScheme{"mysql", 3306},
    UrlScheme{"mariadb", 3306},
    UrlScheme{"nats", 4222},
    UrlScheme{"neo4j", 7687},
    UrlScheme{"oci", 443},
    UrlScheme{"oracle", 1521},
    UrlScheme{"otlp", 4317},
    UrlScheme{"passthrough", 0, Protocol::tcp, Host::resolver},
    UrlScheme{"pg", 5432},
    UrlScheme{"postgres", 5432},
    UrlScheme{"postgresql", 5432},
    UrlScheme{"pulsar", 6650},
    UrlScheme{"pulsar+ssl", 6651},
    UrlScheme{"rabbitmq", 5672},
    UrlScheme{"redis", 6379},
    UrlScheme{"rediss", 6379},
    UrlScheme{"rediss+sentinel", 26379},
    UrlScheme{"redis+sentinel", 26379},
    UrlScheme{"s3", 0, Protocol::tcp, Host::none},
    UrlScheme{"sftp", 22},
    UrlScheme{"smtp", 25},
    UrlScheme{"smtps", 465},
    UrlScheme{"sqlite", 0, Protocol::tcp, Host::none},
    UrlScheme{"sqlserver", 1433},
    UrlScheme{"ssh", 22},
    UrlScheme{"statsd", 8125, Protocol::udp},
    UrlScheme{"syslog", 514, Protocol::udp},
    UrlScheme{"tcp", 0},
    UrlScheme{"tls", 0},
    UrlScheme{"udp", 0, Protocol::udp},
    UrlScheme{"unix", 0, Protocol::tcp, Host::none},
    UrlScheme{"unixgram", 0, Protocol::tcp, Host::none},
    UrlScheme{"vault", 0, Protocol::tcp, Host::none},
    UrlScheme{"ws", 80},
    UrlScheme{"wss", 443},
    UrlScheme{"xds", 0, Protocol::tcp, Host::resolver},
    UrlScheme{"zk", 2181},
    UrlScheme{"zookeeper", 2181},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_char(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }
bool is_scheme_char(char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.' || c == '_'; }

// Brackets are not among them: addresses of IPv6 stand in them.
bool ends_word(char c) {
  constexpr std::string_view kEnds = " \t\r\n\v\f\"'`;<>{}()|\\\0";
  return kEnds.find(c) != std::string_view::npos || c == '\0';
}

// How many bytes a variable takes that begins here: "$(NAME)", "${NAME}", "{{ name }}"; 0 when none does.
std::size_t variable_length(std::string_view text) {
  constexpr std::size_t kLengthMax = 200;  // longer ones are no names: the bracket belongs to something else
  constexpr std::array<std::array<std::string_view, 2>, 3> kForms = {{{"$(", ")"}, {"${", "}"}, {"{{", "}}"}}};
  for (const auto& [open, close] : kForms) {
    if (!text.starts_with(open)) continue;
    const std::size_t end = text.substr(0, kLengthMax).find(close, open.size());
    if (end != std::string_view::npos) return end + close.size();
  }
  return 0;
}

struct Word {
  std::string_view text;
  std::size_t offset = 0;
};

// Spaces and quotes inside a variable are part of the word.
std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  std::size_t start = 0;
  const auto close = [&](std::size_t end) {
    if (end > start) words.push_back({text.substr(start, end - start), start});
  };
  std::size_t i = 0;
  while (i < text.size()) {
    if (const std::size_t length = variable_length(text.substr(i)); length > 0) {
      i += length;
    } else if (ends_word(text[i])) {
      close(i);
      start = ++i;
    } else {
      ++i;
    }
  }
  close(text.size());
  return words;
}

// "--brokers=a:9092" and "BROKERS=a:9092" without what stands before the value.
Word without_name(Word word) {
  const std::size_t equals = word.text.find('=');
  if (equals == std::string_view::npos) return word;
  if (!std::ranges::all_of(word.text.substr(0, equals), is_word_char)) return word;
  return {word.text.substr(equals + 1), word.offset + equals + 1};
}

// The list that a flow sequence or a JSON array leaves in a word: "[a:1,b:2]". Addresses of IPv6 keep their brackets.
Word without_brackets(Word word) {
  const auto is_ipv6 = [](std::string_view text) {
    const std::size_t end = text.find(']');
    return end != std::string_view::npos && kube::IpAddress::parse(text.substr(1, end - 1)).has_value();
  };
  while (word.text.starts_with('[') && !is_ipv6(word.text)) word = {word.text.substr(1), word.offset + 1};
  const auto is_unmatched = [](std::string_view text) {
    return text.ends_with(']') && std::ranges::count(text, '[') < std::ranges::count(text, ']');
  };
  while (is_unmatched(word.text)) word.text.remove_suffix(1);
  return word;
}

// The place where a scheme begins, whose "://" stands at `colon`.
std::size_t scheme_start(std::string_view text, std::size_t colon) {
  std::size_t start = colon;
  while (start > 0 && is_scheme_char(text[start - 1])) --start;
  while (start < colon && !is_letter(text[start])) ++start;
  return start;
}

std::optional<kube::Port> parse_port(std::string_view digits) {
  constexpr unsigned kPortMax = 65535;
  if (digits.empty() || digits.size() > 5 || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  if (value == 0 || value > kPortMax) return std::nullopt;
  return kube::Port{static_cast<std::uint16_t>(value)};
}

std::string normalised(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return base::to_lower_ascii(host);
}

bool is_address_text(std::string_view host) { return kube::IpAddress::parse(host).has_value(); }

// "host", "host:port", "[address]:port". Nothing when it is none of them, or its host is a variable.
std::optional<HostText> parse_host_port(std::string_view text) {
  HostText parsed;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parsed.host = std::string(text.substr(1, end - 1));
    rest = text.substr(end + 1);
    if (!is_address_text(parsed.host)) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    parsed.host = normalised(text.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    if (!is_address_text(parsed.host) && !is_host_name(parsed.host)) return std::nullopt;
  }
  if (rest.empty() || rest == ":") return parsed;
  if (!rest.starts_with(':')) return std::nullopt;
  parsed.port = parse_port(rest.substr(1));
  parsed.port_hidden = variable_length(rest.substr(1)) == rest.size() - 1;
  if (!parsed.port && !parsed.port_hidden) return std::nullopt;
  return parsed;
}

// The authority of a URL: users are dropped, a list has one host for each part.
void add_authority(std::string_view authority, std::string_view scheme, std::size_t offset,
                   std::vector<HostText>& hosts) {
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  for (const std::string_view part : base::split(authority, ',')) {
    std::optional<HostText> host = parse_host_port(part);
    if (!host) continue;
    host->scheme = std::string(scheme);
    host->offset = offset;
    hosts.push_back(*std::move(host));
  }
}

// Where the host begins. A password may hold the slash that would end the authority: then what stands before that is a user, and
// no host with a port. What follows a question mark never counts.
std::size_t host_start(std::string_view rest) {
  const std::string_view path = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t at = path.rfind('@');
  const std::size_t end = path.find('/');
  if (at == std::string_view::npos || end == std::string_view::npos || at < end) return 0;
  const std::string_view head = path.substr(0, end);
  const std::size_t user = head.rfind('@');
  const std::string_view host = user == std::string_view::npos ? head : head.substr(user + 1);
  const bool is_user = host.find(':') != std::string_view::npos && !parse_host_port(host);
  return is_user ? at + 1 : 0;
}

void add_url(Word url, std::size_t colon, std::vector<HostText>& hosts) {
  const std::size_t start = scheme_start(url.text, colon);
  const std::string scheme = base::to_lower_ascii(url.text.substr(start, colon - start));
  if (scheme.empty()) return;
  const UrlScheme* known = find_scheme(scheme);
  const Host kind = known ? known->host : Host::named;
  if (kind == Host::none) return;
  std::string_view rest = url.text.substr(colon + 3);
  if (kind == Host::resolver) {
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
  }
  const std::size_t from = host_start(rest);
  add_authority(rest.substr(from, rest.find_first_of("/?#", from) - from), scheme, url.offset + start, hosts);
}

// Without a scheme: what has a port, or is a name of the cluster.
enum class Bare { refused, accepted };
void add_plain(Word word, Bare bare, std::vector<HostText>& hosts) {
  std::size_t offset = word.offset;
  for (std::string_view part : base::split(word.text, ',')) {
    const std::size_t part_size = part.size() + 1;
    part = part.substr(0, part.find_first_of("/?#"));
    const std::size_t user = part.rfind('@');
    if (user != std::string_view::npos) part.remove_prefix(user + 1);
    std::optional<HostText> host = parse_host_port(part);
    const bool in_cluster = host && (host->host.ends_with(".svc") || host->host.find(".svc.") != std::string::npos);
    if (host && (host->port || host->port_hidden || in_cluster || bare == Bare::accepted)) {
      host->offset = offset;
      hosts.push_back(*std::move(host));
    }
    offset += part_size;
  }
}

// Where the next URL of a list begins: after a comma, with a scheme.
std::size_t next_url(std::string_view text, std::size_t from) {
  for (std::size_t colon = text.find("://", from); colon != std::string_view::npos;
       colon = text.find("://", colon + 3)) {
    const std::size_t start = scheme_start(text, colon);
    if (start > 0 && text[start - 1] == ',') return start;
  }
  return std::string_view::npos;
}

void add_word(Word word, Bare bare, std::vector<HostText>& hosts) {
  word = without_brackets(without_name(word));
  std::size_t colon = word.text.find("://");
  if (colon == std::string_view::npos) return add_plain(word, bare, hosts);
  for (;;) {
    const std::size_t next = next_url(word.text, colon + 3);
    add_url({word.text.substr(0, next == std::string_view::npos ? next : next - 1), word.offset}, colon, hosts);
    if (next == std::string_view::npos) return;
    word = {word.text.substr(next), word.offset + next};
    colon = word.text.find("://");
  }
}

std::vector<HostText> scan(std::string_view text, Bare bare) {
  std::vector<HostText> hosts;
  for (const Word& word : split_words(text)) add_word(word, bare, hosts);
  return hosts;
}

}  // namespace

const UrlScheme* find_scheme(std::string_view scheme) {
  const auto exact = std::ranges::find(kSchemes, scheme, &UrlScheme::name);
  if (exact != kSchemes.end()) return &*exact;
  const auto base = std::ranges::find(kSchemes, scheme.substr(0, scheme.find('+')), &UrlScheme::name);
  return base == kSchemes.end() ? nullptr : &*base;
}

const UrlScheme* scheme_named_in(std::string_view name) {
  std::string word;
  const auto known = [&word]() -> const UrlScheme* {
    const auto found = std::ranges::find(kSchemes, word, &UrlScheme::name);
    // Words that name a way of speaking and not a product say nothing about the port of a bare host.
    const bool is_product = found != kSchemes.end() && found->port != 0 && !found->name.starts_with("http");
    return is_product ? &*found : nullptr;
  };
  for (const char c : name) {
    if (is_letter(c)) {
      word += base::to_lower_ascii(std::string_view(&c, 1));
      continue;
    }
    if (const UrlScheme* found = known()) return found;
    word.clear();
  }
  return known();
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t kNameMax = 253;  // RFC 1035
  constexpr std::size_t kLabelMax = 63;
  if (text.empty() || text.size() > kNameMax) return false;
  const auto is_label = [](std::string_view label) {
    const auto is_part = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= kLabelMax && std::ranges::all_of(label, is_part) &&
           !label.starts_with('-') && !label.ends_with('-');
  };
  return std::ranges::any_of(text, is_letter) && std::ranges::all_of(base::split(text, '.'), is_label);
}

bool HostText::is_address() const { return is_address_text(host); }

bool HostText::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const std::optional<kube::IpAddress> address = kube::IpAddress::parse(host);
  if (!address) return false;
  if (address->family == kube::IpFamily::v6) return address->high == 0 && address->low <= 1;
  constexpr std::uint64_t kLoopbackNet = 127;
  return address->low == 0 || address->low >> 24 == kLoopbackNet;
}

std::optional<kube::Port> HostText::default_port() const {
  const UrlScheme* known = find_scheme(scheme);
  if (!known || known->port == 0) return std::nullopt;
  return kube::Port{known->port};
}

kube::Protocol HostText::protocol() const {
  const UrlScheme* known = find_scheme(scheme);
  return known ? known->protocol : Protocol::tcp;
}

std::string to_string(const HostText& host) {
  std::string text = host.scheme.empty() ? "" : host.scheme + "://";
  text += host.host.find(':') == std::string::npos ? host.host : fmt::format("[{}]", host.host);
  if (host.port) text += fmt::format(":{}", host.port->value());
  return text;
}

std::vector<HostText> find_hosts(std::string_view text) { return scan(text, Bare::refused); }

std::vector<HostText> read_hosts(std::string_view value) { return scan(value, Bare::accepted); }

}  // namespace gantry::netpol
