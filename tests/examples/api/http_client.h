#pragma once

// Asks the API, as a client would: one connection that is kept, used by one thread.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kgents {

struct Answer {
  int status = 0;  // 0: none
  std::string body;
  std::map<std::string, std::string, std::less<>> headers;  // names in small letters

  // "" where there is none.
  std::string header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class HttpClient {
 public:
  explicit HttpClient(int port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Headers as "Name: value".
  Answer get(std::string_view path, const std::vector<std::string>& headers = {});
  Answer post(std::string_view path, const std::string& body, const std::vector<std::string>& headers = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kgents
