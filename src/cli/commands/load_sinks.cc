#include "cli/commands/load_sinks.h"

#include "base/file.h"
#include "http/gzip_writer.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

std::unexpected<base::Error> cannot_write(const std::string& file) {
  return base::environment_error(fmt::format("{} cannot be written: {}", file, std::strerror(errno)),
                                 "give --out a file in a folder that is there");
}

// A second opening of what the stream is connected with would write over what is there, where that is a file.
bool is_stdout(std::string_view name) { return name == "/dev/stdout" || name == "/dev/fd/1"; }
bool is_stderr(std::string_view name) { return name == "/dev/stderr" || name == "/dev/fd/2"; }

std::FILE* open_file(const std::string& name) {
  if (!is_stderr(name)) return std::fopen(name.c_str(), "wbe");
  const int copy = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? nullptr : ::fdopen(copy, "wb");
}

class StdoutSink final : public load::ByteSink {
 public:
  explicit StdoutSink(const Terminal& terminal) : terminal_(terminal) {}
  Result<void> write(std::string_view bytes) override { return terminal_.print(bytes); }
  Result<void> close() override { return {}; }

 private:
  const Terminal& terminal_;
};

class FileSink final : public load::ByteSink {
 public:
  FileSink(std::string name, std::FILE* file) : name_(std::move(name)), file_(file, std::fclose) {}
  Result<void> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
    return cannot_write(name_);
  }
  Result<void> close() override {
    if (std::fclose(file_.release()) == 0) return {};
    return cannot_write(name_);
  }

 private:
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

class GzipSink final : public load::ByteSink {
 public:
  GzipSink(std::string name, std::FILE* file) : file_(std::move(name), file) {}
  Result<void> write(std::string_view bytes) override { return file_.write(gzip_.feed(bytes, http::Flush::later)); }
  Result<void> close() override {
    TRY(file_.write(gzip_.feed("", http::Flush::end)));
    return file_.close();
  }

 private:
  FileSink file_;
  http::GzipWriter gzip_;
};

}  // namespace

load::OpenSink open_sinks(const Terminal& terminal) {
  return [&terminal](const std::string& name) -> Result<std::unique_ptr<load::ByteSink>> {
    if (name.empty() || name == "-" || is_stdout(name)) return std::make_unique<StdoutSink>(terminal);
    std::FILE* const file = open_file(name);
    if (!file) return cannot_write(name);
    if (name.ends_with(".gz")) return std::make_unique<GzipSink>(name, file);
    return std::make_unique<FileSink>(name, file);
  };
}

Result<void> write_result(const Terminal& terminal, const std::string& name, std::string_view text) {
  std::error_code none;
  const std::filesystem::file_status status = std::filesystem::status(name, none);
  const bool is_file = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status) ||
                       std::filesystem::is_directory(status);
  if (is_file && !is_stdout(name) && !is_stderr(name)) {
    const bool is_link = std::filesystem::is_symlink(name, none);
    return base::write_file_atomic(is_link ? std::filesystem::weakly_canonical(name, none).string() : name, text);
  }
  const std::unique_ptr<load::ByteSink> sink = TRY(open_sinks(terminal)(name));
  TRY(sink->write(text));
  return sink->close();
}

}  // namespace gantry::cli
