#include "api/openmeter.h"

#include "base/json.h"
#include "http/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

namespace kgents {
namespace {

using gantry::base::Timestamp;
namespace http = gantry::http;

// A meter that takes what it is told to take, and remembers.
struct FakeMeter {
  FakeMeter() {
    const auto answer = [this](const http::Request& request) {
      const std::lock_guard lock(mutex);
      requests.push_back(request);
      return http::Response::empty(status);
    };
    auto router =
        http::Router::create({{.method = "POST", .pattern = "/api/v1/events", .handler = http::Handler(answer)}});
    server = *http::Server::start({}, *std::move(router));
  }

  std::mutex mutex;
  int status = 204;
  std::vector<http::Request> requests;
  std::unique_ptr<http::Server> server;
};

Event usage(const std::string& id) {
  return usage_event(id, "session", "acme", Timestamp(std::chrono::milliseconds(1)));
}

TEST(OpenMeter, PostsABatchOfCloudEvents) {
  FakeMeter meter;
  const auto sink = open_openmeter({.base_url = meter.server->url(), .api_key = "om_key"});
  const std::vector<Event> batch = {usage("1"), usage("2")};
  EXPECT_TRUE(sink->send(batch));
  EXPECT_EQ(sink->state(), SinkState::connected);
  ASSERT_EQ(meter.requests.size(), 1U);
  EXPECT_EQ(meter.requests[0].header("Authorization"), "Bearer om_key");
  EXPECT_EQ(meter.requests[0].header("Content-Type"), "application/cloudevents-batch+json");
  EXPECT_EQ(meter.requests[0].body,
            R"([{"specversion":"1.0","id":"1","source":"kgent-api","type":"session","subject":"acme",)"
            R"("time":"1970-01-01T00:00:00.001Z"},)"
            R"({"specversion":"1.0","id":"2","source":"kgent-api","type":"session","subject":"acme",)"
            R"("time":"1970-01-01T00:00:00.001Z"}])");
}

TEST(OpenMeter, WhatIsNotTakenIsAFailure) {
  FakeMeter meter;
  const auto sink = open_openmeter({.base_url = meter.server->url(), .api_key = "om_key"});
  const std::vector<Event> batch = {usage("1")};
  for (const int status : {401, 429, 503}) {
    meter.status = status;
    EXPECT_FALSE(sink->send(batch)) << status;
    EXPECT_EQ(sink->state(), SinkState::disconnected) << status;
  }
  meter.status = 202;
  EXPECT_TRUE(sink->send(batch));
  EXPECT_EQ(sink->state(), SinkState::connected);
  meter.server->stop(std::chrono::seconds(1));
  EXPECT_FALSE(sink->send(batch)) << "nobody listens";
}

TEST(OpenMeter, BehindAPublisherNothingIsLost) {
  FakeMeter meter;
  EventPublisher publisher(open_openmeter({.base_url = meter.server->url(), .api_key = "om_key"}),
                           openmeter_publisher_options());
  for (int i = 0; i < 250; ++i) publisher.publish(usage(std::to_string(i)));
  EXPECT_EQ(publisher.flush(std::chrono::seconds(10)), 0U);
  std::size_t received = 0;
  for (const http::Request& request : meter.requests)
    received += gantry::base::load_json(request.body, "batch")->array().size();
  EXPECT_EQ(received, 250U);
}

}  // namespace
}  // namespace kgents
