#pragma once

// Where a context's embedder data leads to, so that a function which V8 calls finds what it belongs to. Private to load.

namespace gantry::load {

// V8's own debugger has slot 0.
enum EmbedderSlot : int { kGraphSlot = 1, kVuSlot = 2, kScriptSlot = 3 };

}  // namespace gantry::load
