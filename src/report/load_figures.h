#pragma once

// The figures of a load test as k6 writes them. Private to report.

#include "load/load.h"

#include <chrono>
#include <string>
#include <vector>

namespace gantry::report {

std::string show_load_number(double value);  // up to six decimals
std::string show_load_share(double part);    // "99.99%", cut

// A counter's sum and rate, a gauge's last, least and most, a rate's share, the statistics of a trend: "p(95)=1.5ms".
std::vector<std::string> show_load_sink(const load::Metric& metric, const load::Sink& sink,
                                        const std::vector<std::string>& stats, std::chrono::nanoseconds duration);

// What a threshold was judged by: "p(95)=1.5ms", or "no samples".
std::string show_load_judgement(const load::Metric& metric, const load::JudgedThreshold& judged);

}  // namespace gantry::report
