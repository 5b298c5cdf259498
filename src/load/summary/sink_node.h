#pragma once

// Sinks as documents, exact to the last bit, so that they merge with those of other processes: docs/formats/load-merge.md. Private to
// load.

#include "base/node.h"
#include "base/result.h"
#include "load/measure/time_series.h"
#include "load/metrics/sink.h"

#include <cstdint>
#include <string_view>

namespace gantry::load {

base::Node to_node(const Sink& sink);
base::Node to_node(const TrendSink& sink);
base::Node to_node(const TimeSeries& series);

// Errors: input, naming `what`: not what the others write.
base::Result<Sink> read_sink(const base::Node& node, MetricType type, std::string_view what);
base::Result<TrendSink> read_trend(const base::Node* node, std::string_view what);
base::Result<TimeSeries> read_series(const base::Node* node, std::string_view what);

// A member that counts: from 0. Missing: 0.
base::Result<std::uint64_t> read_count(const base::Node& node, std::string_view key, std::string_view what);
base::Result<double> read_number(const base::Node& node, std::string_view key, std::string_view what);

}  // namespace gantry::load
