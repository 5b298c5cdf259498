#include "support/temp_dir.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace gantry::test {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string pattern = (fs::canonical(fs::temp_directory_path()) / "gantry-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  path_ = std::move(pattern);
}

TempDir::~TempDir() {
  std::error_code ignored;  // a destructor has nobody to tell
  fs::remove_all(path_, ignored);
}

std::string TempDir::path(std::string_view relative) const { return path_ + "/" + std::string(relative); }

std::string TempDir::write(std::string_view relative, std::string_view content) const {
  const std::string target = path(relative);
  fs::create_directories(fs::path(target).parent_path());
  std::ofstream file;
  file.exceptions(std::ios::failbit | std::ios::badbit);
  file.open(target, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return target;
}

std::string TempDir::make_directory(std::string_view relative) const {
  fs::create_directories(path(relative));
  return path(relative);
}

std::string TempDir::symlink(std::string_view target, std::string_view relative) const {
  fs::create_directories(fs::path(path(relative)).parent_path());
  fs::create_symlink(fs::path(target), path(relative));
  return path(relative);
}

std::string TempDir::read(std::string_view relative) const {
  std::ifstream file(path(relative), std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path(relative));
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::vector<std::string> TempDir::names() const {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_)) {
    const bool is_folder = entry.is_directory() && !entry.is_symlink();
    names.push_back(entry.path().lexically_relative(path_).string() + (is_folder ? "/" : ""));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace gantry::test
