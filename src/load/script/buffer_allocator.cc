#include "load/script/buffer_allocator.h"

#include "load/script/exception.h"

#include <cstdlib>

namespace gantry::load {

bool BufferAllocator::take(std::size_t length) {
  std::size_t used = used_;
  do {
    if (length > bytes_max_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + length));
  return true;
}

void* BufferAllocator::Allocate(std::size_t length) {
  if (!take(length)) return nullptr;
  void* data = std::calloc(1, length);
  if (!data) used_ -= length;
  return data;
}

void* BufferAllocator::AllocateUninitialized(std::size_t length) {
  if (!take(length)) return nullptr;
  void* data = std::malloc(length);
  if (!data) used_ -= length;
  return data;
}

void BufferAllocator::Free(void* data, std::size_t length) {
  std::free(data);
  used_ -= length;
}

bool has_room_for_buffer(v8::Isolate* isolate, std::size_t length) {
  // Every isolate here is a ScriptIsolate's.
  const auto& allocator = static_cast<const BufferAllocator&>(*isolate->GetArrayBufferAllocator());
  if (allocator.has_room(length)) return true;
  isolate->LowMemoryNotification();
  return allocator.has_room(length);
}

void throw_no_room(v8::Isolate* isolate) {
  isolate->ThrowException(v8::Exception::RangeError(to_v8(isolate, "Array buffer allocation failed")));
}

}  // namespace gantry::load
