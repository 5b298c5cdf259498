#pragma once

// One thread's share of a server: an event loop, a listening socket and the connections that came through it. Private to the room.

#include "base/result.h"
#include "http/connection.h"

#include <memory>
#include <string>
#include <unordered_set>

namespace gantry::http {

enum class PortSharing { alone, with_other_workers };

class Worker {
 public:
  // Listening when it returns. Errors: environment, naming the address.
  static base::Result<std::unique_ptr<Worker>> create(Shared& shared, const tcp::endpoint& endpoint,
                                                      PortSharing sharing);

  tcp::endpoint endpoint() const;
  // The thread's work: returns after request_stop(), when no connection is left.
  void run();
  // From any thread, while run() has not returned.
  void request_stop();
  void request_cut();
  // After run() has returned.
  StopReport report() const { return report_; }

 private:
  explicit Worker(Shared& shared);
  base::Result<void> listen(const tcp::endpoint& endpoint, PortSharing sharing);
  Task<void> accept_connections();
  bool turn_one_away();
  void open_spare();
  Task<void> serve(std::shared_ptr<Connection> connection);
  Task<void> watch_time();
  void admit(Socket socket);
  void begin_stop();
  void cut_all();

  Shared& shared_;
  asio::io_context loop_{1};  // one thread runs it
  Acceptor acceptor_;
  Timer ticker_;
  Timer pause_;   // after an accept that failed for want of something
  Socket spare_;  // given up for a moment when there is no other: whoever comes then must be told
  std::string date_ = {};
  std::unordered_set<Connection*> connections_ = {};  // each removes itself at its end
  std::size_t busy_at_stop_ = 0;
  bool is_stopping_ = false;
  StopReport report_ = {};
};

}  // namespace gantry::http
