#include "load/options/requests.h"

#include "load/options/fields.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace gantry::load {

using base::Node;
using base::Result;

Result<RequestOptions> read_request_options(const Node& options) {
  const OptionFields fields(options, "options");
  RequestOptions read;
  read.user_agent = TRY(fields.text("userAgent", read.user_agent));
  if (read.user_agent.find_first_of("\r\n") != std::string::npos)
    return fields.refuse("userAgent", "has a line break, which would begin another header");
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::min();
  read.redirects_max = std::max<std::int64_t>(0, TRY(fields.integer("maxRedirects", read.redirects_max, kAny)));
  read.discards_bodies = TRY(fields.boolean("discardResponseBodies", false));
  read.throws = TRY(fields.boolean("throw", false));
  read.resets_cookies = !TRY(fields.boolean("noCookiesReset", false));
  read.keeps_connections = !TRY(fields.boolean("noConnectionReuse", false));
  read.keeps_between_iterations = !TRY(fields.boolean("noVUConnectionReuse", false));
  read.batch = static_cast<std::size_t>(TRY(fields.integer("batch", 20, 1)));
  // k6 takes 0 for no limit.
  const std::int64_t per_host = TRY(fields.integer("batchPerHost", 6, 0));
  read.batch_per_host = per_host == 0 ? read.batch : static_cast<std::size_t>(per_host);
  const std::string debug = TRY(fields.text("httpDebug", ""));
  if (!debug.empty()) read.debug = debug == "full" ? RequestOptions::Debug::bodies : RequestOptions::Debug::heads;
  return read;
}

}  // namespace gantry::load
