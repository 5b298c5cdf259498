#pragma once

// Processes that begin together and hand in what they found, over NATS: so that the parts of a load start at one moment, on as many
// machines as there are. Nothing is kept by the server, and nobody leads: each member says that it is there, and answers whoever is new.
//
//   const Place place = TRY(parse_place("nats://nats:4222/evening"));
//   const Member own{.name = "0", .process = "9f3c1a…", .purpose = digest_of_what_all_do};
//   const std::unique_ptr<Roll> roll = TRY(Roll::join(place, own, {.count = 3}));
//   while (!TRY(roll->is_complete())) …                     // at the same moment for all three
//   TRY(hand_in(place, own, summary, {.wait = 60s, .run = roll->id()}));  // waits for collect(), elsewhere
//
// docs/formats/load-job.md has the messages.

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

// One of those who meet. All three are letters, digits, - and _.
struct Member {
  std::string name;     // tells this one from the others: "0"
  std::string process;  // another in each process, at random: who comes again under an old name is somebody else
  std::string purpose = "any";  // a digest of what all do together: who comes for something else is not counted
};

// Whom a member waits for.
struct Awaited {
  std::size_t count = 1;  // of members, itself included
  // And for a collect() that begins with them (Collecting::process): what they hand in cannot be taken for another run's then.
  bool has_collector = false;
  // Who has not been heard of for so long is not there any more. Members say ten times a second that they are.
  std::chrono::milliseconds silence_max{2'000};
};

class Roll {
 public:
  // Errors: environment: the server cannot be reached; usage: a name that is none.
  static base::Result<std::unique_ptr<Roll>> join(const Place& place, const Member& own, const Awaited& awaited);
  virtual ~Roll() = default;

  // Whether all are there, or another has seen that they are, this one among them. To be asked again and again: it is also what announces
  // this member. Errors: environment: another process has this member's name; the others have begun without this one.
  virtual base::Result<bool> is_complete() = 0;
  // How many are there, this one included.
  virtual std::size_t present() const = 0;
  // Whether somebody collects, or nobody is to.
  virtual bool is_collected() const = 0;
  // The names of some that came for another purpose.
  virtual std::vector<std::string> strangers() const = 0;
  // Of a roll that is complete: what no other has, and all of its members have alike.
  virtual std::string id() const = 0;
};

struct HandIn {
  std::chrono::seconds wait{60};
  std::function<bool()> is_stopped = [] { return false; };  // heard within a second or so
  std::string run = {};                                     // Roll::id(); "" where nobody was waited for
  // Whether a server that cannot be reached is waited for, too.
  bool waits_for_server = false;
  // Told why it waits, once, when it has done so for a second.
  std::function<void(std::string_view why)> on_wait = [](std::string_view) {};
};
// Gives bytes to whoever collects them, and returns once they are theirs. Errors: environment: nobody took them within the wait, or before
// somebody wanted it to stop; the server cannot be reached; another process of this name has handed in; they are of no use to who collects.
base::Result<void> hand_in(const Place& place, const Member& own, std::string_view bytes, const HandIn& how = {});

// What bytes are to whoever collects.
enum class Use {
  none,    // as if they had not been handed in
  part,    // of what all hand in
  enough,  // the collecting ends before all are there
};

struct Collecting {
  std::size_t count = 1;
  std::chrono::seconds wait{60};
  std::function<bool()> is_stopped = [] { return false; };
  // Asked about the bytes of each member as they are whole.
  std::function<Use(std::string_view member, std::string_view bytes)> look = [](auto, auto) { return Use::part; };
  // Where members wait for this collector (Awaited::has_collector): a name that is another in each process. Only those are heard that have
  // begun with it, and those that come to nothing before they begin.
  std::string process = {};
};
struct Collected {
  std::map<std::string, std::string> by_member = {};
  // Members that a second process wanted to hand in for; what the first one gave is kept.
  std::set<std::string> twice = {};
  // Members that handed in, or wanted to, for another run than the one whose bytes these are.
  std::set<std::string> strangers = {};
};
// What members of one run hand in: of `count`, or of fewer where the wait was over or somebody wanted it to stop. Errors: environment: the server
// cannot be reached.
base::Result<Collected> collect(const Place& place, const Collecting& how);

}  // namespace gantry::muster
