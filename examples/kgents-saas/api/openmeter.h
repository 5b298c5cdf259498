#pragma once

// What tenants use, told to OpenMeter for billing: batches of CloudEvents, posted to BASE_URL/api/v1/events
// (https://openmeter.io/docs/metering/events/usage-events).

#include "api/event_publisher.h"
#include "api/settings.h"
#include "base/time.h"

#include <memory>
#include <string>
#include <string_view>

namespace kgents {

// One unit of `type` ("agentese_invocation") by a tenant. The id makes it count once.
Event usage_event(std::string id, std::string_view type, std::string_view tenant, gantry::base::Timestamp time);

// A sink for usage events. It waits two seconds for an answer at most, and is connected as long as the last one was good.
std::unique_ptr<EventSink> open_openmeter(const OpenMeterSettings& settings);

// How the publisher in front of it should behave: patience with a service on the internet, and a buffer for an outage of minutes.
EventPublisher::Options openmeter_publisher_options();

}  // namespace kgents
