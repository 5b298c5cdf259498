#pragma once

// How OpenTelemetry's messages go to a collector and what it answers (OTLP Specification 1.5): over gRPC, and over HTTP as protobuf.
// Private to load.

#include "load/output/remote.h"

namespace gantry::load {

extern const RemoteCarriage kOtlpOverGrpc;
extern const RemoteCarriage kOtlpOverHttp;

}  // namespace gantry::load
