#pragma once

// One V8 isolate: a heap with a limit, in which one thread at a time runs scripts. Whoever calls into it holds the isolate's lock
// (v8::Locker) and has entered it; `interrupt()` may be called from anywhere, at any time.

#include "load/script/buffer_allocator.h"

#include <v8.h>

#include <cstddef>
#include <string_view>

namespace gantry::load {

struct IsolateLimits {
  // Of all VUs of the isolate together.
  std::size_t heap_bytes_max = std::size_t{2} << 30;
  std::size_t buffer_bytes_max = std::size_t{2} << 30;  // of ArrayBuffers
};

class ScriptIsolate {
 public:
  // Starts V8 when it is the first of the process.
  explicit ScriptIsolate(IsolateLimits limits = {});
  ScriptIsolate(const ScriptIsolate&) = delete;
  ScriptIsolate& operator=(const ScriptIsolate&) = delete;
  ~ScriptIsolate();

  v8::Isolate* get() const { return isolate_; }

  // Moves what is kept out of the young generation, which takes milliseconds: else the first collections while scripts run would, and all of
  // them would wait meanwhile. Takes the lock.
  void settle();

  // Ends what runs in it, which no script can catch. What is called afterwards ends at once too, until resume().
  void interrupt();
  // Lets scripts run again; by the thread that holds the lock.
  void resume();
  // Whether what ran last was ended because the heap was full.
  bool was_heap_full() const { return heap_full_; }

  // How deep scripts of the calling thread may recurse: down to `bytes` below where its stack is now.
  void limit_stack(std::size_t bytes);

 private:
  static std::size_t on_near_heap_limit(void* self, std::size_t limit, std::size_t initial);

  BufferAllocator allocator_;
  v8::Isolate* isolate_ = nullptr;
  bool heap_full_ = false;
};

// Whether the isolate's heap has room for a string of this UTF-8, after a collection where it has none before. V8 ends the process where a
// string that it makes for us is too much.
bool has_room_for_text(v8::Isolate* isolate, std::string_view text);

}  // namespace gantry::load
