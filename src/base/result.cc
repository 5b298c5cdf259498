#include "base/result.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace gantry::base {

std::string_view to_string(ErrorKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"usage", "input", "environment", "internal"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::unexpected<Error> usage_error(std::string message, std::string help) {
  return std::unexpected(Error{.kind = ErrorKind::usage, .message = std::move(message), .help = std::move(help)});
}

std::unexpected<Error> input_error(std::string message, std::optional<SourcePos> where, std::string help) {
  return std::unexpected(Error{
      .kind = ErrorKind::input, .message = std::move(message), .where = std::move(where), .help = std::move(help)});
}

std::unexpected<Error> environment_error(std::string message, std::string help) {
  return std::unexpected(Error{.kind = ErrorKind::environment, .message = std::move(message), .help = std::move(help)});
}

std::unexpected<Error> internal_error(std::string message) {
  return std::unexpected(Error{.kind = ErrorKind::internal,
                               .message = std::move(message),
                               .help = "this is a bug in Gantry; please report it with the input that caused it"});
}

namespace {

// Messages quote names and values from documents that nobody has checked. A control character among them could repaint
// or retitle the reader's terminal, so all but line ends and tabs are shown as \x and two digits.
std::string visible(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_control = byte < 0x20 || byte == 0x7f;
    if (is_control && c != '\n' && c != '\t') {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

}  // namespace

std::string describe(const Error& error) {
  // The outermost context is the headline a user recognises; what exactly went wrong is its reason.
  std::string text;
  if (error.context.empty()) {
    text = fmt::format("error: {}\n", error.message);
  } else {
    text = fmt::format("error: {}\n", error.context.back());
    for (auto it = std::next(error.context.rbegin()); it != error.context.rend(); ++it)
      text += fmt::format("  {}\n", *it);
    text += fmt::format("  reason: {}\n", error.message);
  }
  if (error.where) text += fmt::format("   --> {}\n", to_string(*error.where));
  if (!error.help.empty()) text += fmt::format("  help: {}\n", error.help);
  return visible(text);
}

}  // namespace gantry::base
