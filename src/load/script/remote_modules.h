#pragma once

// Modules that scripts import by a URL. Nothing is fetched while a script is loaded: a copy is kept beside it, or the module is one of
// those that the program brings (k6 reference, §3.2).
//
//   https://jslib.k6.io/url/1.0.0/index.js  ->  vendor/jslib.k6.io/url/1.0.0/index.js, in the folder of the script or one above it

#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::load {

// "https://jslib.k6.io/url/1.0.0/index.js" -> true; "file:///a.js" -> false
bool is_url(std::string_view specifier);

// Where a copy of it lies below a folder `vendor`: the host and the path, and the query if there is one. Errors: input: a scheme
// that is not https, no host, a path that climbs.
base::Result<std::string> vendored_path(std::string_view url);

// What a reference in the module of a URL means: "/v1/b.js" in https://host/a.js is https://host/v1/b.js. Errors: input: it
// climbs above the host.
base::Result<std::string> resolve_url(std::string_view reference, std::string_view base);

// The built-in module that does what a URL's does, whatever its version; "" for none.
std::string_view library_module(std::string_view url);

}  // namespace gantry::load
