#include "netpol/query.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace gantry::netpol {

using base::Node;
using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kKeys = {"src", "dst", "protocol", "port"};
// More than any script asks at once; each costs an explanation.
constexpr std::size_t kQuestionsMax = 1'000'000;

Result<kube::Protocol> parse_protocol(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (upper.empty()) return kube::Protocol::tcp;
  if (const std::optional<kube::Protocol> protocol = kube::find_protocol(upper)) return *protocol;
  return base::input_error(fmt::format("\"{}\" is no protocol", text), {}, "write TCP, UDP or SCTP");
}

Result<kube::PortRef> parse_port(std::string_view text) {
  const bool is_number = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) {
    const std::optional<std::string> wrong = kube::invalid_port_name(text);
    if (!wrong) return kube::PortRef(std::string(text));
    return base::input_error(fmt::format("\"{}\" is no port: {}", text, *wrong), {},
                             "write a number from 1 to 65535, or a container port's name");
  }
  unsigned number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 1 || number > 65535)
    return base::input_error(fmt::format("{} is no port", text), {}, "write a number from 1 to 65535");
  return kube::PortRef(kube::Port(static_cast<std::uint16_t>(number)));
}

// ---- From text ----

Result<void> check_keys(const Node& node) {
  if (!node.is_map())
    return base::input_error(fmt::format("a question is a map, not {}", to_string(node.kind())), node.pos(),
                             "write {src: shop/web, dst: shop/db, protocol: TCP, port: 5432}");
  for (const Node::Member& member : node.map()) {
    if (std::ranges::find(kKeys, std::string_view(member.key)) != kKeys.end()) continue;
    const std::optional<std::string_view> nearest = base::nearest_name(member.key, kKeys);
    return base::input_error(
        fmt::format("a question has no key \"{}\"", member.key), member.key_pos,
        nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "the keys are src, dst, protocol and port");
  }
  return {};
}

Result<std::string> text_of(const Node& node, std::string_view key, bool is_needed) {
  const Node* value = node.get(key);
  if (!value || value->is_null()) {
    if (!is_needed) return std::string();
    return base::input_error(fmt::format("\"{}\" is missing", key), node.pos(),
                             "write {src: shop/web, dst: shop/db, protocol: TCP, port: 5432}");
  }
  if (value->is_string()) return value->string();
  if (value->is_integer()) return std::to_string(value->integer());
  return base::input_error(fmt::format("\"{}\" is {}, not text", key, to_string(value->kind())), value->pos());
}

Result<Question> parse_question_node(const Node& node) {
  TRY(check_keys(node));
  const std::string source = TRY(text_of(node, "src", true));
  const std::string destination = TRY(text_of(node, "dst", true));
  const std::string protocol = TRY(text_of(node, "protocol", false));
  const std::string port = TRY(text_of(node, "port", true));
  Result<Question> question = Question::parse(source, destination, protocol, port);
  if (!question) {
    if (!question.error().where) question.error().where = node.pos();
    return question;
  }
  question->where = node.pos();
  return question;
}

// ---- From names to endpoints ----

// The labels that a selector of equalities asks for; nothing when it asks for anything else.
std::optional<kube::LabelSet> labels_of(const std::optional<kube::LabelSelector>& selector) {
  kube::LabelSet labels;
  if (!selector) return labels;
  for (const kube::Requirement& requirement : selector->requirements()) {
    if (requirement.op != kube::SelectorOperator::in || requirement.values.size() != 1) return std::nullopt;
    labels.set(requirement.key, requirement.values.front());
  }
  return labels;
}

// "shop/*": every pod of a namespace.
bool is_whole_namespace(const Party& party) { return party.name_space && !party.namespaces && !party.pods; }

bool is_hypothetical(const Party& party) { return !party.workload && !party.range && !is_whole_namespace(party); }

std::string_view name_space_of(std::string_view name) { return name.substr(0, name.find('/')); }

// Names that a question may use.
std::vector<std::string> known_names(const Reachability& reach) {
  std::set<std::string> names;
  const kube::Snapshot& snapshot = reach.snapshot();
  for (const Endpoint& endpoint : reach.endpoints().all())
    if (endpoint.kind == Endpoint::Kind::pods && endpoint.workload)
      names.insert(fmt::format("{}/{}", endpoint.name_space, snapshot->workloads[*endpoint.workload].name()));
  for (const kube::Pod& pod : snapshot->pods)
    if (!pod.terminal()) names.insert(fmt::format("{}/{}", pod.name_space(), pod.name()));
  return {names.begin(), names.end()};
}

// Of a name that somebody has, why it is no end of a flow; nothing when nobody has it.
std::optional<base::Error> why_no_end(const kube::Snapshot& snapshot, std::string_view name_space,
                                      std::string_view name, const std::optional<base::SourcePos>& place) {
  const std::string full = fmt::format("{}/{}", name_space, name);
  if (const kube::Workload* workload = kube::find_named(snapshot->workloads, name_space, name))
    if (const kube::Workload* controller = snapshot.controller_of(*workload))
      return base::input_error(fmt::format("{} is {}'s own", full, to_string(controller->object.id)), place,
                               fmt::format("ask about {}/{}", controller->name_space(), controller->name()))
          .error();
  const auto has_ended = [&](const kube::Pod& pod) {
    if (!pod.terminal() || pod.name_space() != name_space) return false;
    return pod.name() == name || (pod.workload && snapshot->workloads[*pod.workload].name() == name);
  };
  if (std::ranges::none_of(snapshot->pods, has_ended)) return std::nullopt;
  // Network policy reference, §9: such a pod has no network any more, and its address may be another's.
  return base::input_error(fmt::format("{} has ended: nothing comes from there or gets there any more", full), place,
                           "`gantry net matrix --pods` lists the pods that there are")
      .error();
}

// The workloads behind a Service: what somebody who asked about the Service meant.
std::vector<std::string> behind_service(const Reachability& reach, const kube::Service& service) {
  std::vector<std::string> names;
  if (!service.selector) return names;
  for (const Endpoint& endpoint : reach.endpoints().all()) {
    if (!endpoint.is_pods() || endpoint.name_space != service.name_space() || !endpoint.workload) continue;
    if (kube::match(*service.selector, endpoint.labels) == kube::Match::yes) names.push_back(endpoint.name);
  }
  return names;
}

std::unexpected<base::Error> unknown_name(const Reachability& reach, const std::string& name,
                                          const base::SourcePos& where) {
  const kube::Snapshot& snapshot = reach.snapshot();
  const std::string name_space(name_space_of(name));
  const std::string_view rest = std::string_view(name).substr(std::min(name.size(), name_space.size() + 1));
  const std::optional<base::SourcePos> place = where.file ? std::optional(where) : std::nullopt;
  if (const kube::Service* service = kube::find_named(snapshot->services, name_space, rest)) {
    const std::vector<std::string> behind = behind_service(reach, *service);
    return base::input_error(fmt::format("{} is a Service, not a workload or pod", name), place,
                             behind.empty() ? "ask about the workload that it should lead to"
                                            : fmt::format("ask about what is behind it, and the container's port: {}",
                                                          fmt::join(behind, ", ")));
  }
  if (std::optional<base::Error> why = why_no_end(snapshot, name_space, rest, place))
    return std::unexpected(*std::move(why));
  const std::vector<std::string> names = known_names(reach);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::optional<std::string_view> nearest = base::nearest_name(name, candidates);
  const kube::Namespace* known = snapshot.find_namespace(name_space);
  const std::string message = known ? fmt::format("there is no workload or pod {}", name)
                                    : fmt::format("there is no namespace {} in the input", name_space);
  return base::input_error(
      message, place,
      nearest ? fmt::format("did you mean {}?", *nearest) : "`gantry net matrix` lists every workload that there is");
}

// Pods that have the address: then the question is about them. That of a hostNetwork pod is its node's.
std::vector<EndpointId> pods_at(const Reachability& reach, const kube::IpAddress& address) {
  std::vector<EndpointId> found;
  const std::vector<kube::Pod>& pods = reach.snapshot()->pods;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    if (pods[i].spec->host_network || std::ranges::find(pods[i].ips, address) == pods[i].ips.end()) continue;
    if (const std::optional<EndpointId> id = reach.endpoints().class_of(i)) found.push_back(*id);
  }
  return found;
}

Result<std::vector<EndpointId>> endpoints_named(const Reachability& reach, const Party& party, const std::string& text,
                                                const base::SourcePos& where) {
  const Endpoints& endpoints = reach.endpoints();
  std::vector<EndpointId> found;
  if (party.workload) {
    const std::string& name = *party.workload;
    const std::string_view name_space = name_space_of(name);
    found = endpoints.find(name_space, std::string_view(name).substr(std::min(name.size(), name_space.size() + 1)));
    if (found.empty()) return unknown_name(reach, name, where);
  } else if (party.range) {
    if (kube::Cidr::of(party.range->address) == *party.range) found = pods_at(reach, party.range->address);
    if (found.empty()) found = endpoints.regions_of(*party.range);
    if (found.empty()) return base::internal_error(fmt::format("no region for {}", text));
  } else if (is_whole_namespace(party)) {
    for (std::size_t i = 0; i < endpoints.pod_class_count(); ++i)
      if (endpoints.all()[i].kind == Endpoint::Kind::pods && endpoints.all()[i].name_space == *party.name_space)
        found.emplace_back(static_cast<std::uint32_t>(i));
    if (found.empty()) return unknown_name(reach, *party.name_space + "/", where);
  } else {
    for (std::size_t i = 0; i < endpoints.pod_class_count(); ++i)
      if (endpoints.all()[i].kind == Endpoint::Kind::hypothetical && endpoints.all()[i].name == text)
        found.emplace_back(static_cast<std::uint32_t>(i));
    if (found.empty())
      return base::input_error(fmt::format("{} does not say which labels the pod has", text), {},
                               "a question is about one pod: give each label a single value, as in "
                               "labels(ns: team=a, pod: app=web)");
  }
  return found;
}

// Whether both names mean one and the same pod.
bool is_loopback(const Reachability& reach, const Question& question, EndpointId source, EndpointId destination) {
  if (source != destination) return false;
  if (reach.endpoints()[source].count == 1) return true;
  if (!question.source.workload || question.source.workload != question.destination.workload) return false;
  const std::string& name = *question.source.workload;
  const std::string_view name_space = name_space_of(name);
  return kube::find_named(reach.snapshot()->pods, name_space, std::string_view(name).substr(name_space.size() + 1)) !=
         nullptr;
}

bool may_have_address(const Endpoint& endpoint, kube::IpFamily family) {
  if (!endpoint.is_pods()) return endpoint.range.address.family == family;
  const auto is_of = [family](const kube::IpAddress& ip) { return ip.family == family; };
  return endpoint.ips.empty() || std::ranges::any_of(endpoint.ips, is_of);
}

// Those that both ends can speak; all of them where there is none, and then nothing is open. Who asks about an address asks
// about its family alone, whatever else the pod that has it can speak.
std::vector<kube::IpFamily> families_between(const Endpoints& endpoints, const Question& question, EndpointId a,
                                             EndpointId b) {
  std::vector<kube::IpFamily> families = {kube::IpFamily::v4, kube::IpFamily::v6};
  if (endpoints[a].is_pods() && endpoints[b].is_pods()) families = endpoints.families();
  const std::vector<kube::IpFamily> all = families;
  const auto speaks = [](const Endpoint& endpoint, const Party& party, kube::IpFamily family) {
    return may_have_address(endpoint, family) && (!party.range || party.range->address.family == family);
  };
  std::erase_if(families, [&](kube::IpFamily family) {
    return !speaks(endpoints[a], question.source, family) || !speaks(endpoints[b], question.destination, family);
  });
  return families.empty() ? all : families;
}

// The nearest name that containers of the destination give to a port of that protocol.
std::string port_help(const Reachability& reach, const Question& question,
                      const std::vector<EndpointId>& destinations) {
  std::set<std::string_view> names;
  for (const EndpointId id : destinations) {
    const std::shared_ptr<const kube::PodSpec>& spec = reach.endpoints()[id].spec;
    if (!spec) continue;
    for (const kube::Container& container : spec->containers)
      for (const kube::ContainerPort& port : container.ports)
        if (port.protocol == question.protocol && !port.name.empty()) names.insert(port.name);
  }
  if (names.empty()) return "ask about a number: the pod's containers declare no name";
  const std::string wanted = kube::to_string(question.port);
  if (const auto nearest = base::nearest_name(wanted, std::vector(names.begin(), names.end())))
    return fmt::format("did you mean {}?", *nearest);
  return fmt::format("ask about a number, or one of {}", fmt::join(names, ", "));
}

Result<std::vector<AnsweredFlow>> flows_of(const Reachability& reach, const Question& question) {
  const std::vector<EndpointId> sources =
      TRY(endpoints_named(reach, question.source, question.source_text, question.where));
  const std::vector<EndpointId> destinations =
      TRY(endpoints_named(reach, question.destination, question.destination_text, question.where));
  std::vector<AnsweredFlow> flows;
  for (const EndpointId destination : destinations) {
    const PortSet ports = reach.resolve(destination, question.protocol, question.port);
    for (const kube::PortRange& range : ports.ranges(question.protocol))
      for (unsigned port = range.first.value(); port <= range.last.value(); ++port)
        for (const EndpointId source : sources)
          for (const kube::IpFamily family : families_between(reach.endpoints(), question, source, destination))
            flows.push_back({.flow = {.source = source,
                                      .destination = destination,
                                      .protocol = question.protocol,
                                      .port = kube::Port(static_cast<std::uint16_t>(port)),
                                      .family = family},
                             .is_loopback = is_loopback(reach, question, source, destination),
                             .why = {}});
  }
  if (flows.empty()) {
    const std::optional<base::SourcePos> place = question.where.file ? std::optional(question.where) : std::nullopt;
    return base::input_error(fmt::format("no container of {} declares a {} port named {}", question.destination_text,
                                         kube::to_string(question.protocol), kube::to_string(question.port)),
                             place, port_help(reach, question, destinations));
  }
  return flows;
}

// ---- From explanations to one answer ----

std::string_view family_name(kube::IpFamily family) { return family == kube::IpFamily::v4 ? "IPv4" : "IPv6"; }

std::string flow_name(const Reachability& reach, const Flow& flow) {
  const Endpoints& endpoints = reach.endpoints();
  return fmt::format("{} -> {}:{}/{}{}", endpoints[flow.source].name, endpoints[flow.destination].name,
                     flow.port.value(), kube::to_string(flow.protocol),
                     flow.family == kube::IpFamily::v6 ? " over IPv6" : "");
}

// `worst` is the flow that the answer's reason is about.
std::string note_for(const Reachability& reach, const Answer& answer, const Flow& worst, const AnsweredFlow* open) {
  std::vector<std::string> parts;
  const bool is_same_pair = open && open->flow.source == worst.source && open->flow.destination == worst.destination;
  if (is_same_pair && open->flow.family != worst.family)
    parts.push_back(fmt::format("that is so over {}; over {} it is open", family_name(worst.family),
                                family_name(open->flow.family)));
  else if (open && answer.access != Access::yes)
    parts.push_back(fmt::format("not every flow is denied: {} is open", flow_name(reach, open->flow)));
  else if (answer.access == Access::depends)
    parts.emplace_back("the input does not say enough to be certain");
  for (const ProfileTopic topic : answer.depends_on)
    parts.push_back(fmt::format("depends on {}: {}", to_string(topic), describe(topic)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

Answer summarise(const Reachability& reach, std::vector<AnsweredFlow> flows) {
  Answer answer;
  const auto access_of = [](const AnsweredFlow& flow) { return flow.why.access; };
  // The worst for whoever asks: a flow that is not open, before one that depends, before one that is open.
  std::ranges::stable_sort(flows, {}, access_of);
  const bool all_alike = flows.front().why.access == flows.back().why.access;
  answer.access = all_alike ? flows.front().why.access : Access::depends;
  const AnsweredFlow* open = !all_alike && flows.back().why.access == Access::yes ? &flows.back() : nullptr;
  std::set<ProfileTopic> topics;
  for (const AnsweredFlow& flow : flows) topics.insert(flow.why.depends_on.begin(), flow.why.depends_on.end());
  answer.depends_on.assign(topics.begin(), topics.end());
  answer.why = flows.front().why.sentence;
  answer.note = note_for(reach, answer, flows.front().flow, open);
  if (all_alike) flows.resize(1);
  answer.flows = std::move(flows);
  return answer;
}

}  // namespace

Result<Question> Question::parse(std::string_view source, std::string_view destination, std::string_view protocol,
                                 std::string_view port) {
  Question question;
  question.source = TRY(Party::parse(source));
  question.destination = TRY(Party::parse(destination));
  question.source_text = source;
  question.destination_text = destination;
  question.protocol = TRY(parse_protocol(protocol));
  question.port = TRY(parse_port(port));
  return question;
}

Result<std::vector<Question>> parse_questions(const Node& document) {
  if (!document.is_array())
    return base::input_error(fmt::format("the questions are a list, not {}", to_string(document.kind())),
                             document.pos(), "write a list of {src, dst, protocol, port}");
  if (document.array().size() > kQuestionsMax)
    return base::input_error(fmt::format("more than {} questions", kQuestionsMax), document.pos(),
                             "ask in several files");
  std::vector<Question> questions;
  questions.reserve(document.array().size());
  for (const Node& node : document.array()) questions.push_back(TRY(parse_question_node(node)));
  return questions;
}

Result<Question> parse_question(std::string_view source, std::string_view destination_and_port) {
  std::string_view rest = destination_and_port;
  std::string_view protocol;
  const std::size_t colon = rest.rfind(':');
  const std::string help = "write DST:PORT or DST:PORT/UDP, as in shop/db:5432 or [fd00::1]:443";
  if (colon == std::string_view::npos || rest.ends_with(')'))
    return base::usage_error(fmt::format("\"{}\" names no port", destination_and_port), help);
  std::string_view port = rest.substr(colon + 1);
  rest = rest.substr(0, colon);
  if (const std::size_t slash = port.find('/'); slash != std::string_view::npos) {
    protocol = port.substr(slash + 1);
    port = port.substr(0, slash);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  Result<Question> question = Question::parse(source, rest, protocol, port);
  if (!question && question.error().help.empty()) question.error().help = help;
  return question;
}

void add_to(EndpointOptions& options, const std::vector<Question>& questions) {
  const auto add = [&](const Party& party, const std::string& text) {
    if (party.range) options.ranges.push_back(*party.range);
    if (!is_hypothetical(party)) return;
    const std::optional<kube::LabelSet> namespace_labels = labels_of(party.namespaces);
    const std::optional<kube::LabelSet> labels = labels_of(party.pods);
    if (!namespace_labels || !labels) return;  // answer() says so
    const bool is_known = std::ranges::any_of(options.hypothetical, [&](const auto& pod) { return pod.name == text; });
    if (is_known) return;
    options.hypothetical.push_back({.name = text,
                                    .name_space = party.name_space.value_or(""),
                                    .namespace_labels = *namespace_labels,
                                    .labels = *labels});
  };
  for (const Question& question : questions) {
    add(question.source, question.source_text);
    add(question.destination, question.destination_text);
  }
}

Result<Answer> answer(const Reachability& reach, const Question& question) {
  std::vector<AnsweredFlow> flows = TRY(flows_of(reach, question));
  for (AnsweredFlow& flow : flows) {
    if (flow.is_loopback) {
      flow.why.access = Access::yes;
      flow.why.sentence = "allowed: a pod always reaches itself";
    } else {
      flow.why = reach.explain(flow.flow);
    }
  }
  return summarise(reach, std::move(flows));
}

}  // namespace gantry::netpol
