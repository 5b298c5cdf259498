#pragma once

// Files that remember which of them were read: what a script imports and opens is known once it has done so, and not before.

#include "base/digest.h"
#include "base/file.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gantry::load {

class FilesRead final : public base::FileSystem {
 public:
  enum class Keeps : std::uint8_t { contents, digests };

  // `files` outlives this.
  explicit FilesRead(const base::FileSystem& files, Keeps keeps = Keeps::contents) : files_(files), keeps_(keeps) {}

  base::Result<std::string> read(std::string_view path, std::uint64_t bytes_max = base::kFileBytesMax) const override {
    base::Result<std::string> content = files_.read(path, bytes_max);
    if (content) {
      const std::scoped_lock lock(mutex_);
      if (keeps_ == Keeps::contents)
        read_.insert_or_assign(std::string(path), *content);
      else if (!read_.contains(path))
        read_.emplace(path, base::sha256_hex(*content));
    }
    return content;
  }
  base::Result<std::vector<base::DirectoryEntry>> list(std::string_view path) const override {
    return files_.list(path);
  }
  base::Result<base::FileKind> kind(std::string_view path) const override { return files_.kind(path); }
  base::Result<std::string> resolve(std::string_view path) const override { return files_.resolve(path); }

  // What was read until now, by path.
  std::map<std::string, std::string> all() const {
    const std::scoped_lock lock(mutex_);
    return {read_.begin(), read_.end()};
  }

 private:
  const base::FileSystem& files_;
  const Keeps keeps_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::string, std::less<>> read_ = {};
};

}  // namespace gantry::load
