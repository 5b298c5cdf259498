#pragma once

// A connection to a NATS server. Private to muster, which is the only room that knows the library.

#include "base/result.h"
#include "muster/muster.h"

#include <nats/nats.h>

#include <memory>
#include <string_view>

namespace gantry::muster {

struct Release {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(natsSubscription* subscription) const { natsSubscription_Destroy(subscription); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

// Errors: environment, naming the server.
base::Result<Owned<natsConnection>> connect(const Place& place);

base::Error failure(const Place& place, natsStatus status);

inline std::string_view text_of(const natsMsg* message) {
  return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

}  // namespace gantry::muster
