#pragma once

// Why a run could not go on: what is wrong, and what the run ends as because of it. Private to load.

#include "load/load.h"

#include <expected>
#include <utility>

namespace gantry::load {

struct RunFailure {
  RunEnd end = RunEnd::broken;
  base::Error error = {};
};

template <typename T>
using RunResult = std::expected<T, RunFailure>;

inline std::unexpected<RunFailure> fail(RunEnd end, base::Error error) {
  return std::unexpected(RunFailure{end, std::move(error)});
}

// What the run ends as where the result is an error.
template <typename T>
RunResult<T> as(base::Result<T> result, RunEnd end) {
  if (!result) return fail(end, std::move(result).error());
  if constexpr (!std::is_void_v<T>)
    return *std::move(result);
  else
    return {};
}

inline std::unexpected<RunFailure> fail_stopped() {
  return fail(RunEnd::stopped, {.kind = base::ErrorKind::environment, .message = "the run was stopped"});
}

}  // namespace gantry::load

// So that TRY takes one, too.
namespace gantry::base::detail {

template <typename T>
T unwrap(load::RunResult<T>&& result) {
  return *std::move(result);
}
inline void unwrap(load::RunResult<void>&&) {}

}  // namespace gantry::base::detail
