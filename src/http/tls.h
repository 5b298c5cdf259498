#pragma once

// The TLS side of a server, on OpenSSL. Private to the room.

#include "base/result.h"
#include "http/http.h"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace gantry::http {

// Errors: input, for a chain or key that is none or a key of another certificate.
base::Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Tls& tls);

}  // namespace gantry::http
