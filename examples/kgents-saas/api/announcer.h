#pragma once

// Tells others what has happened: the stream of events and, for what is billed, the meter. Never blocks. What is not
// configured is not told.

#include "api/event_publisher.h"
#include "base/node.h"
#include "base/time.h"

#include <string>
#include <string_view>

namespace kgents {

// "f3a9…", 32 hexadecimal digits from the system's random source.
std::string new_id();

struct Happening {
  std::string id;             // unique; the same id again is not stored again
  std::string type;           // "session.created"; becomes the subject kgent.events.session.created
  std::string tenant;         // may be empty
  std::string request_id;     // the request it came of
  gantry::base::Node data{};  // what else there is to say
};

// Safe from any thread.
class Announcer {
 public:
  // Each publisher may be null; those given must outlive the announcer.
  Announcer(EventPublisher* stream, EventPublisher* meter, const gantry::base::Clock& clock)
      : stream_(stream), meter_(meter), clock_(clock) {}

  void announce(const Happening& happening) const;
  // One unit of `type` for the tenant's bill.
  void meter(std::string_view type, std::string_view tenant) const;

 private:
  EventPublisher* stream_;
  EventPublisher* meter_;
  const gantry::base::Clock& clock_;
};

// Letters, digits, '_' and '-' of the parts between dots, all else as '_': "invoice.paid" stays, "a b.*" becomes "a_b._".
std::string to_subject(std::string_view type);

}  // namespace kgents
