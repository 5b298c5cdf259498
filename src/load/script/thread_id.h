#pragma once

// V8 lets scripts of several stacks take turns in one isolate (v8::Locker and v8::Unlocker), but tells them apart by the thread that
// they are on. For the fibers of a crew, which share one thread, its function that numbers threads is replaced: it answers with the
// number of the fiber (crew.h). V8 is a shared library, which finds that function by its name, ours before its own. In the same way
// it is spared what it does for debuggers whenever the turn changes, and for WebAssembly whenever it makes a context.

namespace gantry::load {

// Whether V8 asks us, once it has made an isolate. Where it does not (a V8 that was built otherwise), no fiber may run a script.
bool v8_counts_fibers();

}  // namespace gantry::load
