#pragma once

// Web Crypto (k6 reference, §11.5), by OpenSSL. What a script sees of it is modules/webcrypto.js, which is compiled when a script first
// asks for it: to the VUs of all others it costs nothing. Private to load.

#include "load/vu/natives.h"

#include <v8.h>

#include <span>

namespace gantry::load {

// The function that makes it.
std::span<const Native> web_crypto_natives();

}  // namespace gantry::load
