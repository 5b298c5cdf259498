#pragma once

// The REST API of a load run (--address): listens on threads of its own, and lets what is asked be answered on the run's (RunRequest::look),
// so that nothing of a run is ever seen by two threads.

#include "base/result.h"
#include "http/http.h"
#include "load/load.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gantry::cli {

// k6's code of an address that cannot be listened on, and of a run that the API stopped (k6 reference, §15.2).
inline constexpr int kAddressUnusable = 106;
inline constexpr int kStoppedOverApi = 103;

class LoadRest {
 public:
  // "localhost:6565", ":6565". `stop` is set when somebody asks for it, and outlives this. Errors: usage: no such address, or one that
  // others than this machine reach; environment: it is taken.
  static base::Result<std::unique_ptr<LoadRest>> start(const std::string& address, std::atomic<bool>& stop);
  ~LoadRest();
  LoadRest(const LoadRest&) = delete;
  LoadRest& operator=(const LoadRest&) = delete;

  // Answers what was asked meanwhile.
  void look(load::RunLook& seen);
  // Whether somebody asked for the run's end.
  bool was_stopped() const { return was_stopped_; }
  // After the run: answers until the program is to end, or somebody asks for it.
  void linger(load::RunOutcome& outcome, std::stop_token program);

 private:
  using Asked = std::pair<http::Request, http::Responder>;

  explicit LoadRest(std::atomic<bool>& stop) : stop_(stop) {}
  void ask(http::Request request, http::Responder responder);

  std::atomic<bool>& stop_;
  bool was_stopped_ = false;  // the run's thread's own
  std::mutex mutex_;
  std::vector<Asked> asked_ = {};
  std::unique_ptr<http::Server> server_ = {};
};

}  // namespace gantry::cli
