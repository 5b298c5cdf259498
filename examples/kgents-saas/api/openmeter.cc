#include "api/openmeter.h"

#include "base/json.h"

#include <curl/curl.h>

#include <atomic>
#include <span>
#include <utility>

namespace kgents {

using gantry::base::Node;

namespace {

constexpr long kTimeoutMs = 2'000;

struct Destroy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// The body of an answer tells nothing that its status does not.
std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

class OpenMeter final : public EventSink {
 public:
  explicit OpenMeter(const OpenMeterSettings& settings) : url_(settings.base_url + "/api/v1/events") {
    for (const std::string& header : {"Authorization: Bearer " + settings.api_key,
                                      std::string("Content-Type: application/cloudevents-batch+json")}) {
      headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
    }
  }

  bool send(std::span<const Event> batch) override;
  SinkState state() const override { return answered_ ? SinkState::connected : SinkState::disconnected; }

 private:
  const std::string url_;
  std::unique_ptr<CURL, Destroy> handle_{curl_easy_init()};
  std::unique_ptr<curl_slist, Destroy> headers_;
  std::atomic<bool> answered_ = true;
};

bool OpenMeter::send(std::span<const Event> batch) {
  std::string body = "[";
  for (const Event& event : batch) {
    if (body.size() > 1) body += ',';
    body += event.body;
  }
  body += ']';
  CURL* const curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // the library would read the environment, which only settings.cc does
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
  long status = 0;
  const bool exchanged = curl_easy_perform(curl) == CURLE_OK;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answered_ = exchanged && status >= 200 && status < 300;
  return answered_;
}

}  // namespace

Event usage_event(std::string id, std::string_view type, std::string_view tenant, gantry::base::Timestamp time) {
  Node event = Node::empty_map();
  event.set("specversion", "1.0");
  event.set("id", id);
  event.set("source", "kgent-api");
  event.set("type", type);
  event.set("subject", tenant);
  event.set("time", gantry::base::format_rfc3339(time));
  return {.id = std::move(id), .subject = std::string(type), .body = gantry::base::dump_json(event)};
}

std::unique_ptr<EventSink> open_openmeter(const OpenMeterSettings& settings) {
  return std::make_unique<OpenMeter>(settings);
}

EventPublisher::Options openmeter_publisher_options() {
  return {.events_max = 10'000, .batch_max = 100, .retry_pause = std::chrono::seconds(1)};
}

}  // namespace kgents
