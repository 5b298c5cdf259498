#pragma once

// One page of a target, asked for once: its health, its status, its metrics. Not the load: that is the script's.

#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::launch {

// Where a URL leads: "http://127.0.0.1:8000/v1".
struct Place {
  std::string host;
  std::string port;  // "80" where the URL names none
};
Place place_of_url(std::string_view url);

struct Page {
  int status = 0;
  std::string body;  // of 1 MiB at most, the rest is left
};

// GET, with an answer within a second or two. Errors: environment (nobody answers, or not in HTTP).
base::Result<Page> get_page(const Place& place, const std::string& path);
// Whether somebody listens there.
bool is_taken(const Place& place);
// A free port of the loopback address. Somebody else may take it before whoever asked does. Errors: environment.
base::Result<std::string> find_free_port();

}  // namespace gantry::launch
