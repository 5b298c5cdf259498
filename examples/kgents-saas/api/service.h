#pragma once

// The whole API, from its settings to its last flushed event. main() is this with the real environment.

#include "api/log.h"
#include "api/settings.h"
#include "base/result.h"
#include "base/time.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace kgents {

class Service {
 public:
  // Serves when it returns. Parts that are configured and away are waited for in the background. The clock and the log must
  // outlive the service. Errors: usage, environment (the address is in use).
  static gantry::base::Result<std::unique_ptr<Service>> start(const Settings& settings,
                                                              const gantry::base::Clock& clock, Log& log);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;

  // Accepts nothing more, finishes requests, sends the events that wait. Within 22 s at the very worst, which is inside the
  // grace period of the manifests (30 s, of which 5 are waited before). Gives how many events are lost.
  std::size_t stop();

 private:
  struct Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kgents
