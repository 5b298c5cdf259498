#pragma once

// How Gantry reports failure. Anything that can fail because of the outside world returns `Result<T>`; the error says what
// was being done, to what, where, and what to try. Nothing is thrown by our own code, and nothing below floor 5 prints.
//
//   Result<Plan> load_plan(const FileSystem& files, const Path& path) {
//     const std::string text = TRY(with_context(files.read(path), "while reading the launch plan"));
//     return parse_plan(text, path);
//   }

#include "base/source.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::base {

// Decides what a caller does, and the exit code (design: 2 for usage and input, 3 for environment and internal).
enum class ErrorKind {
  usage,        // the command line or a call is wrong
  input,        // a document, manifest, plan or store says something wrong
  environment,  // a file, permission, program or network is not as needed
  internal,     // a bug of ours
};

// "usage", "input", "environment" or "internal".
std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message = {};               // for a person, lower case, no full stop: "plan has no tracks"
  std::optional<SourcePos> where = {};    // the place the message is about
  std::string help = {};                  // what to do next; may be empty
  std::vector<std::string> context = {};  // outermost last: "while rendering manifests/nats"

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] std::unexpected<Error> usage_error(std::string message, std::string help = {});
[[nodiscard]] std::unexpected<Error> input_error(std::string message, std::optional<SourcePos> where = {},
                                                 std::string help = {});
[[nodiscard]] std::unexpected<Error> environment_error(std::string message, std::string help = {});
[[nodiscard]] std::unexpected<Error> internal_error(std::string message);

// The same result; an error gains one level of context.
template <typename T>
[[nodiscard]] Result<T> with_context(Result<T> result, std::string context) {
  if (!result) result.error().context.push_back(std::move(context));
  return result;
}

// One or more lines without colour: "error: …", "  reason: …", "   --> file:line:column", "  help: …". Control characters
// that came in with a name or value are shown as "\x1b".
std::string describe(const Error& error);

}  // namespace gantry::base

// The value of a Result, or return its error from the enclosing function. Never nest one inside another.
#define TRY(...)                                                                          \
  __extension__({                                                                         \
    auto gantry_try_result = (__VA_ARGS__);                                               \
    if (!gantry_try_result) return std::unexpected(std::move(gantry_try_result).error()); \
    ::gantry::base::detail::unwrap(std::move(gantry_try_result));                         \
  })

namespace gantry::base::detail {

template <typename T>
T unwrap(Result<T>&& result) {
  return *std::move(result);
}
inline void unwrap(Result<void>&&) {}

}  // namespace gantry::base::detail
