#pragma once

// Owns one open file of the operating system and closes it.

#include <utility>

namespace gantry::base {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}  // what open() returned: negative owns nothing
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { close(); }

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  // What was written has been flushed where it matters, so the result of close() tells nothing more.
  void close();

 private:
  int fd_ = -1;
};

}  // namespace gantry::base
