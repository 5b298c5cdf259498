#include "load/script/thread_id.h"

#include "load/crew/crew.h"

#include <atomic>

namespace {

std::atomic<bool> was_asked{false};

}  // namespace

// V8's own names and layout (src/execution/thread-id.h of V8 10.2): an object of one int, which is -1 for a thread without a number.
namespace v8::internal {

class ThreadId {
 public:
  __attribute__((visibility("default"))) static ThreadId TryGetCurrent();
  __attribute__((visibility("default"))) static int GetCurrentThreadId();

 private:
  explicit ThreadId(int id) : id_(id) {}
  int id_;
};

ThreadId ThreadId::TryGetCurrent() { return ThreadId(GetCurrentThreadId()); }
int ThreadId::GetCurrentThreadId() {
  was_asked.store(true, std::memory_order_relaxed);
  return gantry::load::running_number();
}

// With each change of threads V8 looks through the stack for what a debugger has set there: half of the time that the change takes,
// and here is no debugger. Nothing of it is kept, so that nothing is lost.
class Debug {
 public:
  __attribute__((visibility("default"))) char* RestoreDebug(char* storage);
  static int ArchiveSpacePerThread();
};

char* Debug::RestoreDebug(char* storage) { return storage + ArchiveSpacePerThread(); }

// WebAssembly is not for scripts (isolate.cc switches it off), but V8 makes all of its classes for each context and then does not show
// them: a third of the time that a context takes, and a sixth of its memory.
class Isolate;
class WasmJs {
 public:
  __attribute__((visibility("default"))) static void Install(Isolate* isolate, bool exposes_on_global_object);
};

void WasmJs::Install(Isolate*, bool) {}

}  // namespace v8::internal

namespace gantry::load {

bool v8_counts_fibers() { return was_asked; }

}  // namespace gantry::load
