#include "api/nats_stream.h"

#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

namespace kgents {

using gantry::base::environment_error;
using gantry::base::Result;

namespace {

constexpr std::int64_t kSendMsMax = 50;  // a request's event never waits longer for its acknowledgement
constexpr std::int64_t kConnectMsMax = 1'000;
constexpr std::int64_t kReconnectMs = 250;
constexpr std::int64_t kReconnectJitterMs = 100;  // pods should not come back all at once
// A server that hangs is given up when one of these is not answered before the next is due.
constexpr std::int64_t kPingMs = 750;
constexpr const char* kSubjects = "kgent.events.>";

struct Destroy {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
  void operator()(jsPubAck* ack) const { jsPubAck_Destroy(ack); }
  void operator()(jsStreamInfo* info) const { jsStreamInfo_Destroy(info); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

class NatsStream final : public EventSink {
 public:
  explicit NatsStream(std::string stream) : stream_(std::move(stream)) {}

  Result<void> connect(const NatsSettings& settings);
  bool send(std::span<const Event> batch) override;
  SinkState state() const override;

 private:
  bool publish(const Event& event);
  bool ensure_stream();
  static void on_connected(natsConnection* connection, void* self);

  const std::string stream_;
  // Set by the library's threads: whoever answers now may be a server that has never seen the stream.
  std::atomic<bool> stream_is_known_ = false;
  std::atomic<bool> was_connected_ = false;
  Owned<natsConnection> connection_;
  Owned<jsCtx> context_;  // destroyed before its connection
};

void NatsStream::on_connected(natsConnection*, void* self) {
  static_cast<NatsStream*>(self)->stream_is_known_ = false;
  static_cast<NatsStream*>(self)->was_connected_ = true;
}

SinkState NatsStream::state() const {
  if (natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED) return SinkState::connected;
  return was_connected_ ? SinkState::disconnected : SinkState::not_started;
}

// The first status that is not NATS_OK; later steps are not taken then.
natsStatus set_options(natsOptions* options, const NatsSettings& settings, natsConnectionHandler on_connected,
                       void* self) {
  std::vector<const char*> servers;
  for (const std::string& server : settings.servers) servers.push_back(server.c_str());
  natsStatus status = natsOptions_SetServers(options, servers.data(), static_cast<int>(servers.size()));
  if (status == NATS_OK) status = natsOptions_SetName(options, "kgent-api");
  if (status == NATS_OK) status = natsOptions_SetTimeout(options, kConnectMsMax);
  if (status == NATS_OK) status = natsOptions_SetMaxReconnect(options, -1);  // for ever
  if (status == NATS_OK) status = natsOptions_SetReconnectWait(options, kReconnectMs);
  if (status == NATS_OK) status = natsOptions_SetReconnectJitter(options, kReconnectJitterMs, kReconnectJitterMs);
  if (status == NATS_OK) status = natsOptions_SetRetryOnFailedConnect(options, true, on_connected, self);
  if (status == NATS_OK) status = natsOptions_SetReconnectedCB(options, on_connected, self);
  if (status == NATS_OK) status = natsOptions_SetPingInterval(options, kPingMs);
  if (status == NATS_OK) status = natsOptions_SetMaxPingsOut(options, 1);
  if (status == NATS_OK) status = natsOptions_SetFailRequestsOnDisconnect(options, true);
  return status;
}

Result<void> NatsStream::connect(const NatsSettings& settings) {
  natsOptions* created = nullptr;
  natsStatus status = natsOptions_Create(&created);
  const Owned<natsOptions> options(created);
  if (status == NATS_OK) status = set_options(options.get(), settings, &NatsStream::on_connected, this);

  natsConnection* connection = nullptr;
  if (status == NATS_OK) status = natsConnection_Connect(&connection, options.get());
  connection_.reset(connection);
  if (status == NATS_OK) was_connected_ = true;  // else on_connected() will be called
  if (status == NATS_NOT_YET_CONNECTED) status = NATS_OK;

  jsCtx* context = nullptr;
  if (status == NATS_OK) status = natsConnection_JetStream(&context, connection, nullptr);
  context_.reset(context);
  if (status == NATS_OK) return {};
  return environment_error(std::string("cannot use NATS: ") + natsStatus_GetText(status), "look at NATS_SERVERS");
}

bool NatsStream::ensure_stream() {
  jsOptions options;
  jsOptions_Init(&options);
  options.Wait = kSendMsMax;
  jsErrCode code = static_cast<jsErrCode>(0);
  jsStreamInfo* found = nullptr;
  natsStatus status = js_GetStreamInfo(&found, context_.get(), stream_.c_str(), &options, &code);
  const Owned<jsStreamInfo> info(found);
  if (status == NATS_OK) return true;
  if (status != NATS_NOT_FOUND) return false;

  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  const char* subjects[] = {kSubjects};
  config.Name = stream_.c_str();
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  return js_AddStream(nullptr, context_.get(), &config, &options, &code) == NATS_OK;
}

bool NatsStream::send(std::span<const Event> batch) {
  return std::ranges::all_of(batch, [this](const Event& event) { return publish(event); });
}

bool NatsStream::publish(const Event& event) {
  // The library would keep a message for later while it reconnects: it would arrive beside the one that we keep.
  if (state() != SinkState::connected) return false;
  if (!stream_is_known_) {
    // Before the look: a reconnection that happens meanwhile must not be overwritten.
    stream_is_known_ = true;
    if (!ensure_stream()) {
      stream_is_known_ = false;
      return false;
    }
  }
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MaxWait = kSendMsMax;
  options.MsgId = event.id.c_str();
  options.ExpectStream = stream_.c_str();
  jsErrCode code = static_cast<jsErrCode>(0);
  jsPubAck* acknowledged = nullptr;
  const natsStatus status = js_Publish(&acknowledged, context_.get(), event.subject.c_str(), event.body.data(),
                                       static_cast<int>(event.body.size()), &options, &code);
  const Owned<jsPubAck> ack(acknowledged);
  if (status == NATS_NO_RESPONDERS) stream_is_known_ = false;  // nobody listens: the stream is gone
  return status == NATS_OK;
}

}  // namespace

Result<std::unique_ptr<EventSink>> open_nats_stream(const NatsSettings& settings) {
  auto stream = std::make_unique<NatsStream>(settings.stream);
  TRY(stream->connect(settings));
  return stream;
}

}  // namespace kgents
