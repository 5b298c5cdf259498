#include "muster/connection.h"

#include <fmt/format.h>

namespace gantry::muster {

namespace {

constexpr std::int64_t kConnectMsMax = 5'000;

}  // namespace

base::Error failure(const Place& place, natsStatus status) {
  return {.kind = base::ErrorKind::environment,
          .message = fmt::format("NATS at {}: {}", place.shown(), natsStatus_GetText(status)),
          .help = "look whether the server runs there, and who may connect to it"};
}

base::Result<Owned<natsConnection>> connect(const Place& place) {
  natsOptions* created = nullptr;
  natsStatus status = natsOptions_Create(&created);
  const Owned<natsOptions> options(created);
  if (status == NATS_OK) status = natsOptions_SetURL(created, place.server.c_str());
  if (status == NATS_OK) status = natsOptions_SetName(created, "gantry");
  if (status == NATS_OK) status = natsOptions_SetTimeout(created, kConnectMsMax);
  if (status == NATS_OK) status = natsOptions_SetMaxReconnect(created, -1);  // whoever waits bounds the wait
  natsConnection* connection = nullptr;
  if (status == NATS_OK) status = natsConnection_Connect(&connection, created);
  if (status != NATS_OK) return std::unexpected(failure(place, status));
  return Owned<natsConnection>(connection);
}

}  // namespace gantry::muster
