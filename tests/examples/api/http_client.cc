#include "examples/api/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>

namespace kgents {

struct HttpClient::Impl {
  Answer ask(std::string_view path, const std::string* body, const std::vector<std::string>& headers);

  CURL* handle = curl_easy_init();
  std::string url;
};

namespace {

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* answer) {
  static_cast<Answer*>(answer)->body.append(data, size * count);
  return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* answer) {
  const std::string_view line(data, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with('\n') || value.ends_with('\r')) value.remove_suffix(1);
  static_cast<Answer*>(answer)->headers[name] = value;
  return line.size();
}

}  // namespace

Answer HttpClient::Impl::ask(std::string_view path, const std::string* body, const std::vector<std::string>& headers) {
  Answer answer;
  curl_slist* list = curl_slist_append(nullptr, "Expect:");  // no round trip before a body
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, (url + std::string(path)).c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // whatever the environment says: the server is on this machine
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 30'000L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
  if (body) {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body->data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
  } else {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  }
  long status = 0;
  if (curl_easy_perform(handle) == CURLE_OK) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_slist_free_all(list);
  return answer;
}

HttpClient::HttpClient(int port) : impl_(std::make_unique<Impl>()) {
  impl_->url = "http://127.0.0.1:" + std::to_string(port);
}

HttpClient::~HttpClient() { curl_easy_cleanup(impl_->handle); }

Answer HttpClient::get(std::string_view path, const std::vector<std::string>& headers) {
  return impl_->ask(path, nullptr, headers);
}

Answer HttpClient::post(std::string_view path, const std::string& body, const std::vector<std::string>& headers) {
  return impl_->ask(path, &body, headers);
}

}  // namespace kgents
