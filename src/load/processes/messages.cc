#include "load/processes/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// In the order of Word.
constexpr std::array<std::string_view, 18> kWords = {"task",  "go",     "play",    "teardown", "whole",     "stop",
                                                     "end",   "log",    "print",   "ready",    "set_up",    "progress",
                                                     "stock", "played", "summary", "asks",     "delivered", "failed"};
static_assert(kWords.size() == static_cast<std::size_t>(Word::failed) + 1);

// A summary has the script's text and some hundred histograms, and setup() may return as much as it likes.
constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr std::size_t kHeadMax = 32;

std::unexpected<base::Error> refuse(std::string_view what) {
  return base::input_error(fmt::format("a process that plays the run said what none says: {}", what));
}

struct Head {
  Word word = Word::end;
  std::size_t bytes = 0;
};

Result<Head> read_head(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const auto* const word = std::ranges::find(kWords, line.substr(0, space));
  Head head;
  const char* const end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(line.data() + std::min(space + 1, line.size()), end, head.bytes);
  if (word == kWords.end() || error != std::errc() || rest != end || head.bytes > kBytesMax) return refuse(line);
  head.word = static_cast<Word>(word - kWords.begin());
  return head;
}

std::uint32_t number_of(const Node& node, std::string_view key) {
  const Node* const number = node.get(key);
  return number && number->is_integer() ? static_cast<std::uint32_t>(number->integer()) : 0;
}

}  // namespace

std::string write_message(Word word, std::string_view bytes) {
  return fmt::format("{} {}\n{}", kWords[static_cast<std::size_t>(word)], bytes.size(), bytes);
}

Result<std::optional<Message>> MessageReader::next() {
  const std::string_view unread = std::string_view(buffer_).substr(begin_);
  const std::size_t line = unread.find('\n');
  if (line == std::string_view::npos) {
    if (unread.size() > kHeadMax) return refuse(unread.substr(0, kHeadMax));
    return std::nullopt;
  }
  const Head head = TRY(read_head(unread.substr(0, line)));
  if (unread.size() - line - 1 < head.bytes) return std::nullopt;
  Message message{head.word, std::string(unread.substr(line + 1, head.bytes))};
  begin_ += line + 1 + head.bytes;
  // What was read goes once it is most of it, so that each byte is moved once at most.
  if (begin_ * 2 >= buffer_.size()) buffer_.erase(0, std::exchange(begin_, 0));
  return message;
}

std::string write_log_line(LogLevel level, std::string_view text, std::string_view source) {
  return fmt::format("{} {}\n{}", static_cast<int>(level), source, text);
}

Result<LogLine> read_log_line(std::string_view bytes) {
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos || line < 2 || bytes[0] < '0' || bytes[0] > '3') return refuse("a line of a log");
  return LogLine{.level = static_cast<LogLevel>(bytes[0] - '0'),
                 .source = std::string(bytes.substr(2, line - 2)),
                 .text = std::string(bytes.substr(line + 1))};
}

Node to_node(const base::Error& error) {
  Node::Array context;
  for (const std::string& each : error.context) context.emplace_back(each);
  Node node = Node::Map{{"kind", static_cast<std::int64_t>(error.kind), {}},
                        {"message", error.message, {}},
                        {"help", error.help, {}},
                        {"context", std::move(context), {}}};
  if (error.where)
    node.set("where", Node::Map{{"file", error.where->file_name(), {}},
                                {"line", std::int64_t{error.where->line}, {}},
                                {"column", std::int64_t{error.where->column}, {}}});
  return node;
}

base::Error read_error(const Node* node) {
  if (!node || !node->is_map()) return {.message = "a process of the run failed, and does not say why"};
  base::Error error{.message = std::string(node->text("message")), .help = std::string(node->text("help"))};
  if (const Node* kind = node->get("kind"); kind && kind->is_integer())
    error.kind = static_cast<base::ErrorKind>(std::clamp<std::int64_t>(kind->integer(), 0, 3));
  if (const Node* context = node->get("context"); context && context->is_array())
    for (const Node& each : context->array())
      if (each.is_string()) error.context.push_back(each.string());
  if (const Node* where = node->get("where"); where && !where->text("file").empty())
    error.where = base::SourcePos{.file = std::make_shared<const std::string>(where->text("file")),
                                  .line = number_of(*where, "line"),
                                  .column = number_of(*where, "column")};
  return error;
}

}  // namespace gantry::load
