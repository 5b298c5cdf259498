#pragma once

// The page that shows a load run while it lasts (k6's web dashboard): listens on a thread of its own, and has what it shows made on the
// run's (RunRequest::look), so that nothing of a run is ever seen by two threads. Stock is taken of the run once in a period while
// somebody watches, and for whoever comes: the page, the snapshot and the beginning of the stream are each made at most once a second.

#include "base/result.h"
#include "cli/commands/load_settings.h"
#include "cli/terminal.h"
#include "http/http.h"
#include "load/dashboard/options.h"
#include "load/load.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

class LoadDashboard {
 public:
  // `options` has a port. Errors: as http::Server::start.
  static base::Result<std::unique_ptr<LoadDashboard>> start(const load::DashboardOptions& options, std::string script);
  // Whoever watches still is told that nothing more comes, as where a run was many. Who does not take what is on its way has a second for it.
  ~LoadDashboard();
  LoadDashboard(const LoadDashboard&) = delete;
  LoadDashboard& operator=(const LoadDashboard&) = delete;

  std::string url() const { return server_->url(); }
  // Shows the run to whoever waits for that.
  void look(load::RunLook& seen);
  // The run is over. Whoever watches is told, and whoever comes from now on sees what it came to.
  void finish(load::RunOutcome& outcome);

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class What : std::uint8_t { page, parts, snapshot };
  struct Asked {
    What what;
    http::Responder to;
  };
  struct Viewer {
    http::BodyWriter to;
    bool is_new = true;
  };
  // What was made of a look at the run, and when that was.
  struct Made {
    std::string text = {};
    Time at = {};
  };
  // A look at the run. Stock is taken where something is made of it, once.
  struct Look {
    load::RunLook& run;
    Time at;
    std::optional<load::RunProgress> stock = {};
  };

  LoadDashboard(std::string script, std::chrono::nanoseconds period);
  void ask(What what, http::Responder to);
  void watch(const http::Responder& to);
  // As it is, where it is no older.
  const std::string& make(What what, Look& look, std::chrono::nanoseconds age_max);
  const std::string& made(What what) const { return made_[static_cast<std::size_t>(what)].text; }
  http::Response response(What what) const;
  void send_end(http::BodyWriter& to) const;

  const std::string script_;
  const std::chrono::nanoseconds period_;
  const std::string policy_;
  std::mutex mutex_;  // guards what follows, but for the server
  std::vector<Asked> asked_ = {};
  std::vector<Viewer> viewers_ = {};
  std::array<Made, 3> made_ = {};  // by What
  Time sent_ = {};                 // to all viewers
  bool is_over_ = false;           // the run: what is made of it stays
  std::unique_ptr<http::Server> server_ = {};
};

// None where nobody asked for it. Says where it is, and opens it where that was asked for. As k6 has it, a run goes on without where nobody
// can listen on the usual port, which another run has for instance, and that is said; on a port that somebody chose it has to work. Errors: as
// start().
base::Result<std::unique_ptr<LoadDashboard>> open_dashboard(const Terminal& terminal, const LoadSettings& settings,
                                                            const std::optional<load::DashboardOptions>& options,
                                                            const std::string& script);

}  // namespace gantry::cli
