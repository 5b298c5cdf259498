#include "cli/commands/load_sinks.h"

#include "http/gzip_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

std::unexpected<base::Error> cannot_write(const std::string& file) {
  return base::environment_error(fmt::format("{} cannot be written: {}", file, std::strerror(errno)),
                                 "give --out a file in a folder that is there");
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
    if (name.empty() || name == "-") return std::make_unique<StdoutSink>(terminal);
    std::FILE* const file = std::fopen(name.c_str(), "wbe");
    if (!file) return cannot_write(name);
    if (name.ends_with(".gz")) return std::make_unique<GzipSink>(name, file);
    return std::make_unique<FileSink>(name, file);
  };
}

}  // namespace gantry::cli
