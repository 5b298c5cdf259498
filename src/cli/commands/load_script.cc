#include "cli/commands/load_script.h"

#include "cli/commands/load_log.h"
#include "cli/commands/net_input.h"
#include "load/archive/archive.h"
#include "load/options/layers.h"
#include "load/script/files_read.h"
#include "load/script_engine.h"

#include <iterator>
#include <string_view>
#include <utility>

namespace gantry::cli {

using base::Result;

namespace {

// A folder's files and, as if it were one of them, the script that came on stdin: what it imports lies around it.
class WithScript final : public base::FileSystem {
 public:
  WithScript(std::unique_ptr<base::FileSystem> files, std::string path, std::string text)
      : files_(std::move(files)), path_(std::move(path)), text_(std::move(text)) {}

  Result<std::string> read(std::string_view path, std::uint64_t bytes_max) const override {
    return path == path_ ? text_ : files_->read(path, bytes_max);
  }
  Result<std::vector<base::DirectoryEntry>> list(std::string_view path) const override { return files_->list(path); }
  Result<base::FileKind> kind(std::string_view path) const override {
    return path == path_ ? base::FileKind::regular : files_->kind(path);
  }
  Result<std::string> resolve(std::string_view path) const override {
    return path == path_ ? path_ : files_->resolve(path);
  }

 private:
  const std::unique_ptr<base::FileSystem> files_;
  const std::string path_;
  const std::string text_;
};

}  // namespace

Result<OpenedScript> open_script(const std::string& path, LoadSettings& settings) {
  // Where it cannot be read, the run says so.
  Result<std::string> bytes = read_text(path);
  if (bytes && load::is_archive(*bytes)) {
    const load::ScriptEngine engine = TRY(load::load_script_engine());
    load::Archive archive = TRY(engine.read_archive(*bytes));
    settings.run.overrides = load::merge_options(std::move(archive.options), settings.run.overrides);
    settings.variables.insert(archive.env.begin(), archive.env.end());
    settings.run.env.merge(archive.env);
    std::map<std::string, std::string, std::less<>> files(std::make_move_iterator(archive.files.begin()),
                                                          std::make_move_iterator(archive.files.end()));
    return OpenedScript{std::make_unique<base::MemoryFileSystem>(std::move(files)), std::move(archive.script)};
  }
  const ScriptPlace place = TRY(find_script(path));
  std::unique_ptr<base::FileSystem> files = TRY(base::open_directory(place.root));
  if (path == "-") files = std::make_unique<WithScript>(std::move(files), place.script, TRY(std::move(bytes)));
  return OpenedScript{std::move(files), place.script, place.root};
}

Result<EvaluatedScript> evaluate_script(const Invocation& invocation, const LoadFlags& flags, Evaluated as) {
  LoadSettings settings = TRY(read_load_settings(flags, false));
  const OpenedScript opened = TRY(open_script(flags.script, settings));
  // What it reads is known once it has been evaluated.
  const load::FilesRead seen(*opened.files);
  LoadLog log(invocation.terminal, settings.log);
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  load::RunOutcome outcome = engine.run_script({.files = seen,
                                                .script = opened.script,
                                                .root = opened.root,
                                                .overrides = settings.run.overrides,
                                                .defaults = settings.defaults,
                                                .env = settings.run.env,
                                                .log = [&](load::LogLevel level, std::string_view text,
                                                           std::string_view source) { log.say(level, text, source); },
                                                .judges_thresholds = settings.run.judges_thresholds,
                                                .judges_only_aborting = as == Evaluated::one_part,
                                                .only_reads_options = true});
  TRY(log.finish());
  if (outcome.error) invocation.terminal.show(*outcome.error);
  return EvaluatedScript{std::move(settings), opened.script, seen.all(), std::move(outcome)};
}

}  // namespace gantry::cli
