// command, args and exec probes: flags with hosts, URLs anywhere, and the few programs whose host and port stand as words of
// their own (`nc -z db 5432`, `pg_isready -h db`), as scripts that wait for something use them.

#include "netpol/needs/command_lines.h"
#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

// How a program takes its host and port.
struct Program {
  std::string_view name;
  std::uint16_t port = 0;  // when none is written
  // "-h host -p port"; or the first two words that are no options.
  enum class Form : std::uint8_t { flags, words } form = Form::flags;
};
constexpr std::array kPrograms = {
    Program{"amqp-declare-queue", 5672},
    Program{"mongo", 27017},
    Program{"mongosh", 27017},
    Program{"mysql", 3306},
    Program{"mysqladmin", 3306},
    Program{"nc", 0, Program::Form::words},
    Program{"ncat", 0, Program::Form::words},
    Program{"netcat", 0, Program::Form::words},
    Program{"pg_dump", 5432},
    Program{"pg_isready", 5432},
    Program{"psql", 5432},
    Program{"redis-cli", 6379},
    Program{"telnet", 23, Program::Form::words},
    Program{"valkey-cli", 6379},
};
constexpr std::array<std::string_view, 2> kHostFlags = {"-h", "--host"};
constexpr std::array<std::string_view, 4> kPortFlags = {"-p", "-P", "--port", "--PORT"};
// Options of nc and its kin that take a word.
constexpr std::array<std::string_view, 6> kWordOptions = {"-w", "-i", "-q", "-s", "-W", "-G"};

template <typename List>
bool contains(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// Simple commands of a script: cut where a shell would begin another, quotes taken as they come.
std::vector<std::string_view> split_commands(std::string_view script) {
  std::vector<std::string_view> commands;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= script.size(); ++i) {
    constexpr std::string_view kEnds = "\n;|&()`";
    if (i < script.size() && kEnds.find(script[i]) == std::string_view::npos) continue;
    if (i > start) commands.push_back(script.substr(start, i - start));
    start = i + 1;
  }
  return commands;
}

std::vector<std::string> words_of(std::string_view command) {
  if (const auto words = base::split_shell_words(command)) return *words;
  std::vector<std::string> words;
  for (const std::string_view word : base::split(command, ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

// The word behind one of the flags, or joined to it by "=".
template <typename Flags>
std::string value_of(const std::vector<std::string>& words, const Flags& flags) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (contains(flags, words[i]) && i + 1 < words.size()) return words[i + 1];
    const std::size_t equals = words[i].find('=');
    if (equals != std::string::npos && contains(flags, std::string_view(words[i]).substr(0, equals)))
      return words[i].substr(equals + 1);
  }
  return {};
}

std::pair<std::string, std::string> host_and_port(const Program& program, const std::vector<std::string>& words) {
  if (program.form == Program::Form::flags) return {value_of(words, kHostFlags), value_of(words, kPortFlags)};
  std::vector<std::string> plain;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (contains(kWordOptions, words[i])) {
      ++i;
    } else if (!words[i].starts_with('-')) {
      plain.push_back(words[i]);
    }
  }
  plain.resize(2);
  return {plain[0], plain[1]};
}

void read_program(const Program& program, const std::vector<std::string>& words, const base::SourcePos& where,
                  std::vector<HostReference>& references) {
  auto [host, port] = host_and_port(program, words);
  if (host.empty()) return;
  if (port.empty() && program.port != 0) port = std::to_string(program.port);
  for (HostText& parsed : read_hosts(port.empty() ? host : fmt::format("{}:{}", host, port))) {
    if (parsed.is_loopback()) continue;
    HostReference reference;
    reference.port = parsed.port;
    reference.wording = parsed.port ? Wording::with_port : Wording::name;
    reference.dangles = true;
    reference.where = where;
    reference.text = fmt::format("{} {}", program.name, to_string(parsed));
    reference.host = std::move(parsed);
    references.push_back(std::move(reference));
  }
}

// Of a script, or of a command whose words are joined by spaces.
void read_programs(const CommandText& command, std::vector<HostReference>& references) {
  std::size_t line = 0;
  const char* counted_to = command.text.data();
  for (const std::string_view part : split_commands(command.text)) {
    const std::vector<std::string> words = words_of(part);
    line += static_cast<std::size_t>(std::ranges::count(std::string_view(counted_to, part.data()), '\n'));
    counted_to = part.data();
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto program =
          std::ranges::find(kPrograms, std::string_view(words[i]).substr(words[i].rfind('/') + 1), &Program::name);
      if (program == kPrograms.end()) continue;
      const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      read_program(*program, rest, line_within(command.where, line, command.text), references);
      break;
    }
  }
}

bool is_flag(std::string_view word) { return word.starts_with('-') && word.find(' ') == std::string_view::npos; }

// "--flag", "value" as one setting; "--flag=value" as one; everything else as text.
std::vector<Setting> settings_of(const std::vector<CommandText>& words) {
  std::vector<Setting> settings;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    const std::size_t equals = word.find('=');
    const bool has_value = i + 1 < words.size() && !is_flag(words[i + 1].text);
    if (is_flag(word) && equals != std::string::npos) {
      settings.push_back({word.substr(0, equals), word.substr(equals + 1), words[i].where});
    } else if (is_flag(word) && has_value && words[i + 1].text.find('\n') == std::string::npos) {
      settings.push_back({word, words[i + 1].text, words[i + 1].where});
      ++i;
    } else {
      settings.push_back({"", word, words[i].where});
    }
  }
  return settings;
}

std::vector<CommandText> texts_of(const std::vector<std::string>& words, const base::Node* list,
                                  const Environment& environment, const base::SourcePos& otherwise) {
  std::vector<CommandText> texts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const base::Node* node = list ? list->get(i) : nullptr;
    texts.push_back({expand_variables(words[i], environment), node ? node->pos() : otherwise});
  }
  return texts;
}

void collect_container(NeedCollector& needs, std::size_t index, const kube::Container& container) {
  const kube::Workload& workload = needs.snapshot()->workloads[index];
  const base::Node* node = find_container(workload, container);
  const Environment environment = environment_of(needs.snapshot(), workload.name_space(), container);
  std::vector<CommandText> words =
      texts_of(container.command, node ? node->get("command") : nullptr, environment, container.where);
  for (CommandText& word : texts_of(container.args, node ? node->get("args") : nullptr, environment, container.where))
    words.push_back(std::move(word));
  needs.add_hosts(NeedWorkload{index}, workload.name_space(), read_command(words), NeedOrigin::command_line);
}

}  // namespace

std::vector<HostReference> read_command(const std::vector<CommandText>& words) {
  std::vector<HostReference> references = read_settings(settings_of(words));
  // Words without a flag before them are no host for being the name of a Service.
  std::erase_if(references, [](const HostReference& reference) { return reference.wording == Wording::word; });
  CommandText whole;
  for (const CommandText& word : words) {
    if (word.text.find_first_of(" \n") != std::string::npos) {
      read_programs(word, references);
    } else {
      if (whole.text.empty()) whole.where = word.where;
      whole.text += word.text + " ";
    }
  }
  read_programs(whole, references);
  return references;
}

void collect_command_lines(NeedCollector& needs) {
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const kube::Workload& workload = needs.snapshot()->workloads[index];
    for (const kube::Container* container : containers_of(*workload.pod_template.spec))
      collect_container(needs, index, *container);
  }
}

}  // namespace gantry::netpol
