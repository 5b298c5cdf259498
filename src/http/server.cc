#include "http/tls.h"
#include "http/worker.h"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace gantry::http {

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 4> kNames = {"answered", "cut", "timed_out", "upgraded"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

struct Server::Impl {
  std::unique_ptr<Shared> shared = {};
  std::vector<std::unique_ptr<Worker>> workers = {};
  std::uint16_t port = 0;

  std::mutex mutex = {};
  std::condition_variable changed = {};
  std::size_t running = 0;  // threads; guarded by mutex

  std::mutex stopping = {};  // held by whoever stops; guards what follows, and the next one waits here for the report
  std::optional<StopReport> report = {};
  std::vector<std::jthread> threads = {};
};

namespace {

base::Result<tcp::endpoint> parse_endpoint(const Options& options) {
  error_code error;
  const asio::ip::address address =
      asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error) {
    return base::usage_error(fmt::format("\"{}\" is no address to listen on", options.host),
                             "write an IPv4 or IPv6 address, or localhost");
  }
  return tcp::endpoint(address, options.port);
}

base::Result<std::unique_ptr<Shared>> make_shared_state(Options options, Router router) {
  TRY(check_options(options));
  auto shared = std::make_unique<Shared>(std::move(options), std::move(router));
  if (shared->options.token) shared->gate.emplace(*shared->options.token);
  shared->host_gate = make_host_gate(shared->options);
  shared->is_guarded_by_place = is_guarded_by_place(shared->options);
  if (shared->options.tls) shared->tls = TRY(make_tls_context(*shared->options.tls));
  return shared;
}

}  // namespace

base::Result<std::unique_ptr<Server>> Server::start(Options options, Router router) {
  auto impl = std::make_unique<Impl>();
  tcp::endpoint endpoint = TRY(parse_endpoint(options));
  impl->shared = TRY(make_shared_state(std::move(options), std::move(router)));
  const unsigned count = impl->shared->options.workers;
  // A worker alone does not share its port: another program that listens there is then noticed.
  const PortSharing sharing = count > 1 ? PortSharing::with_other_workers : PortSharing::alone;
  for (unsigned i = 0; i < count; ++i) {
    impl->workers.push_back(TRY(Worker::create(*impl->shared, endpoint, sharing)));
    endpoint = impl->workers.front()->endpoint();  // the same port for all, where any was asked for
  }
  // Every socket listens: nothing fails from here on.
  impl->port = endpoint.port();
  impl->running = count;
  for (const std::unique_ptr<Worker>& worker : impl->workers) {
    impl->threads.emplace_back([state = impl.get(), w = worker.get()] {
      w->run();
      const std::lock_guard lock(state->mutex);
      --state->running;
      state->changed.notify_all();
    });
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return impl_->port; }

std::string Server::url() const {
  const Options& options = impl_->shared->options;
  const bool is_v6 = options.host.contains(':');
  return fmt::format("{}://{}{}{}:{}", options.tls ? "https" : "http", is_v6 ? "[" : "", options.host, is_v6 ? "]" : "",
                     port());
}

std::size_t Server::connections() const { return impl_->shared->connections.load(); }

StopReport Server::stop(std::chrono::milliseconds grace) {
  const std::lock_guard stopping(impl_->stopping);
  if (impl_->report) return *impl_->report;
  for (const std::unique_ptr<Worker>& worker : impl_->workers) worker->request_stop();
  {
    std::unique_lock lock(impl_->mutex);
    const bool all_left = impl_->changed.wait_for(lock, grace, [&] { return impl_->running == 0; });
    if (!all_left) {
      // A worker that has left keeps its loop: what is posted there is never run.
      for (const std::unique_ptr<Worker>& worker : impl_->workers) worker->request_cut();
    }
  }
  impl_->threads.clear();  // joins
  impl_->report.emplace();
  for (const std::unique_ptr<Worker>& worker : impl_->workers) {
    impl_->report->finished += worker->report().finished;
    impl_->report->cut += worker->report().cut;
  }
  return *impl_->report;
}

}  // namespace gantry::http
