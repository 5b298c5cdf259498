#include "load/script/typescript.h"

#include "base/subprocess.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <chrono>
#include <memory>

namespace gantry::load {

using base::environment_error;
using base::input_error;
using base::Result;

namespace {

// esbuild's first complaint: "✘ [ERROR] Unexpected \";\"", and below it "    load/main.ts:1:18:", with a column from 0.
base::Error explain(const std::string& path, const std::string& complaint) {
  std::string message;
  base::Error error{.kind = base::ErrorKind::input, .message = fmt::format("esbuild cannot read {}", path)};
  if (RE2::PartialMatch(complaint, R"(\[ERROR\] ([^\n]+))", &message)) error.message = "SyntaxError: " + message;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  if (RE2::PartialMatch(complaint, R"(\n\s+[^\n]+:(\d+):(\d+):\n)", &line, &column))
    error.where = base::SourcePos{std::make_shared<const std::string>(path), line, column + 1};
  return error;
}

}  // namespace

bool is_typescript(std::string_view path) { return path.ends_with(".ts"); }

Result<std::string> strip_types(const std::string& path, std::string_view text) {
  // Read from standard input it looks for no configuration, and from "/" it finds none.
  base::Command command{.argv = {"esbuild", "--loader=ts", "--target=esnext", "--sourcemap=inline", "--charset=utf8",
                                 "--sources-content=false", "--legal-comments=none", "--log-level=error",
                                 "--log-limit=1", "--color=false", "--sourcefile=" + path},
                        .directory = "/",
                        .input = std::string(text),
                        .time_max = std::chrono::seconds(30)};
  const Result<base::CommandResult> ran = base::run_command(command);
  if (!ran)
    return environment_error(
        fmt::format("{} is TypeScript, which esbuild makes JavaScript of: {}", path, ran.error().message),
        "install Debian's package esbuild, or give the script as JavaScript");
  if (ran->status != 0) return std::unexpected(explain(path, ran->err));
  return ran->out;
}

}  // namespace gantry::load
