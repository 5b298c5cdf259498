#pragma once

// A JetStream stream as the place where events go.

#include "api/event_publisher.h"
#include "api/settings.h"
#include "base/result.h"

#include <memory>

namespace kgents {

// Connects now and, when no server answers, again and again in the background: only settings that no server could ever
// satisfy are an error. A connection that is lost is noticed at once, one that hangs within two seconds.
//
// send() waits 50 ms for each acknowledgement at most. Where the stream is missing it is created with one replica, so that a
// laptop needs no setup; in the cluster the job nats-stream-setup makes it, and gives it the shape that it should have.
//
// Errors: usage (an address that is none), environment.
gantry::base::Result<std::unique_ptr<EventSink>> open_nats_stream(const NatsSettings& settings);

}  // namespace kgents
