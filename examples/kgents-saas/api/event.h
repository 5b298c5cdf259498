#pragma once

// Something that happened and that others should hear of.

#include <string>

namespace kgents {

struct Event {
  std::string id;       // unique; the stream takes an id once, so that sending again after a doubt does no harm
  std::string subject;  // "kgent.events.session.created"
  std::string body;     // JSON

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace kgents
