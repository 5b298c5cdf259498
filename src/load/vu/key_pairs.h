#pragma once

// Keys of two halves for Web Crypto: RSA and elliptic curves, by OpenSSL. To a script's text a key is its DER: SubjectPublicKeyInfo of a
// public one, PKCS #8 of a private one. Private to load.

#include "load/vu/natives.h"

#include <span>

namespace gantry::load {

// The functions that modules/webcrypto.js is given for them.
std::span<const Native> key_pair_natives();

}  // namespace gantry::load
