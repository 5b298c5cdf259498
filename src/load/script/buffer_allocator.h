#pragma once

// The memory of an isolate's ArrayBuffers, which V8 does not count among its heap: with a limit, beyond which a script gets a RangeError.

#include <v8.h>

#include <atomic>
#include <cstddef>

namespace gantry::load {

class BufferAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit BufferAllocator(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null where it would be too much.
  void* Allocate(std::size_t length) override;  // all zero
  void* AllocateUninitialized(std::size_t length) override;
  void Free(void* data, std::size_t length) override;

  bool has_room(std::size_t length) const { return length <= bytes_max_ - used_; }

 private:
  bool take(std::size_t length);

  std::size_t bytes_max_;
  std::atomic<std::size_t> used_ = 0;  // V8 frees from threads of its own, where it has any
};

// Whether the isolate has room for so many bytes, after a collection where it has none before.
bool has_room_for_buffer(v8::Isolate* isolate, std::size_t length);
// What `new ArrayBuffer` throws where there is none.
void throw_no_room(v8::Isolate* isolate);

}  // namespace gantry::load
