#pragma once

// The WebSockets of one VU, on natives that modules/websocket.js, modules/ws.js and modules/websockets.js are written on. All of them wait
// in the VU's own fiber: for whichever has something first.

#include "load/http/websocket.h"
#include "load/script/built_in.h"

#include <v8.h>

#include <cstdint>
#include <map>
#include <memory>

namespace gantry::load {

using WebSocketNumber = std::uint32_t;

struct WebSockets {
  std::map<WebSocketNumber, std::unique_ptr<WebSocket>> open = {};
  WebSocketNumber last = 0;
};

// The module gantry:sockets, for those that import it: few VUs do.
NativeExports websocket_natives(v8::Local<v8::Context> context);

}  // namespace gantry::load
