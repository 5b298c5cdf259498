#pragma once

// Processes that begin together and hand in what they found, over NATS: so that the parts of a load start at one moment, on as many
// machines as there are. Nothing is kept by the server, and nobody leads: each member says that it is there, and answers whoever is new.
//
//   const Place place = TRY(parse_place("nats://nats:4222/evening"));
//   const std::unique_ptr<Roll> roll = TRY(Roll::join(place, "0", 3));
//   while (!roll->is_complete()) …                          // at the same moment for all three
//   TRY(hand_in(place, "0", summary, 60s));                 // waits for collect(), elsewhere
//
// docs/formats/load-job.md has the messages.

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::muster {

// A NATS server, and what those who meet there meet for. Two musters of one name at one time are one.
struct Place {
  std::string server;  // "nats://user:password@host:port"
  std::string name;    // letters, digits, - and _
  // Without a password.
  std::string shown() const;
};
// "nats://host:port/name". Errors: usage: what is missing.
base::Result<Place> parse_place(std::string_view text);

class Roll {
 public:
  // `member` tells this one from the others: letters, digits, - and _. One that comes twice counts once. Errors: environment: the server
  // cannot be reached; usage: a name that is none.
  static base::Result<std::unique_ptr<Roll>> join(const Place& place, const std::string& member, std::size_t count);
  virtual ~Roll() = default;

  // Whether all are there, or another has seen that they are. To be asked again and again: it is also what announces this member.
  virtual bool is_complete() = 0;
  // How many are there, this one included.
  virtual std::size_t present() const = 0;
};

// Gives bytes to whoever collects them, and returns once they are theirs. Errors: environment: nobody did within `wait`.
base::Result<void> hand_in(const Place& place, const std::string& member, std::string_view bytes,
                           std::chrono::seconds wait);

// What `count` members hand in, by member. Errors: environment: `wait` was over before all had, or somebody wanted it to stop: says how
// many there were.
base::Result<std::map<std::string, std::string>> collect(const Place& place, std::size_t count,
                                                         std::chrono::seconds wait,
                                                         const std::function<bool()>& is_stopped);

}  // namespace gantry::muster
