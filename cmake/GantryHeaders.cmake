# The headers that nearly every file includes, read once instead of once a file: eleven files of eight rooms take 13.0 s of processor
# time instead of 18.3 s. Only the standard library and {fmt}'s main header are in here, so that the compiler still misses an
# #include of any other; that a file includes what it uses of these is asserted by tests/house/includes_test.cc.

set(gantry_common_headers
  <algorithm> <array> <charconv> <chrono> <cstddef> <cstdint> <deque> <functional> <iterator> <map> <memory> <optional> <set> <span>
  <stop_token> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)

# A precompiled header holds for one set of options: code of shared libraries has its own.
set(headers_source "${PROJECT_BINARY_DIR}/headers.cc")
file(CONFIGURE OUTPUT "${headers_source}" CONTENT "// Nothing but the precompiled header.\n")
foreach(headers IN ITEMS gantry_headers gantry_headers_pic)
  add_library(${headers} OBJECT EXCLUDE_FROM_ALL "${headers_source}")
  target_link_libraries(${headers} PRIVATE gantry_flags fmt::fmt)
  target_precompile_headers(${headers} PRIVATE ${gantry_common_headers})
endforeach()
set_target_properties(gantry_headers_pic PROPERTIES POSITION_INDEPENDENT_CODE ON)
