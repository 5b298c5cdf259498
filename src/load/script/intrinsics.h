#pragma once

// What k6's own modules use of the language, kept from what a script does to it. In k6 they are Go; here they are JavaScript, in the same
// globals as the script, and one that replaces Array.prototype.push or JSON.parse would break http.batch() or SharedArray.
//
// Modules that use nothing but functions put aside beforehand, as Node's do, are slower to write and to read, and each slip is a hole. So
// they are written as any JavaScript is, and a script pays that really replaces something: what is not as it was becomes a member that
// answers by who asks. k6's modules see what was there, and all others what the script has put there. Nobody else pays anything: all VUs
// evaluate the same script, and where the first has replaced nothing, and its text has no word for it, the others are not looked at (Vu::load).
//
// What a script replaces later is seen at once where its text assigns to the member by its full name (Array.prototype.map = …), or that of a
// variable that is its object (const p = Array.prototype; p.map = …): that one answers by who asks from the beginning. Any other way it is seen
// when the iteration is over: the first, and then after twice as many each time (Vu::iterate), since to look at all members takes as long as
// many requests do. Until then it disturbs k6's modules, and so does what Object.defineProperty() makes anew in each iteration, which takes the
// place of the very member that answers by who asks.

#include <v8.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace gantry::load {

class Intrinsics {
 public:
  Intrinsics() = default;
  Intrinsics(const Intrinsics&) = delete;
  Intrinsics& operator=(const Intrinsics&) = delete;

  // Fours in a row: the path of a member, or undefined, its object, its name, and what it is. Once, before any script has run
  // (modules/intrinsics.js).
  void keep(v8::Isolate* isolate, v8::Local<v8::Array> members);
  bool has_replaced() const { return !replaced_.empty(); }
  // From now on k6's modules are not disturbed by what a script makes of these, whenever it does. The context is entered, as below.
  void expect(v8::Local<v8::Context> context, const std::set<std::string, std::less<>>& paths);
  // The same for all that it has replaced so far.
  void guard(v8::Local<v8::Context> context);

 private:
  struct Replaced {
    v8::Global<v8::Value> original;
    v8::Global<v8::Object> own;  // the script's, as a descriptor
    bool is_untouched = true;    // that is the original
    bool is_looked_at = false;   // by guard(), which wants what a script sees
  };
  struct Member {
    v8::Local<v8::Value> path;
    v8::Local<v8::Object> holder;
    v8::Local<v8::Name> name;
    v8::Local<v8::Value> original;
  };
  static void on_get(v8::Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Value>& info);
  static void on_set(v8::Local<v8::Name> name, v8::Local<v8::Value> value, const v8::PropertyCallbackInfo<void>& info);
  bool read(v8::Local<v8::Context> context, std::size_t number, Member& kept) const;
  Replaced* replace(v8::Local<v8::Context> context, const Member& kept);

  v8::Global<v8::Array> members_;
  std::vector<Replaced*> guarded_ = {};  // by number of the member; null for none
  std::deque<Replaced> replaced_ = {};
};

}  // namespace gantry::load
