#pragma once

// A person's browser.

#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::cli {

// Starts what opens pages here, the first that `path` (of the environment) has: xdg-open, x-www-browser, www-browser. No shell sees the URL. It
// may be the browser itself, so that it goes on by itself, without our terminal and after our end. Errors: environment.
base::Result<void> open_browser(const std::string& url, std::string_view path);

}  // namespace gantry::cli
