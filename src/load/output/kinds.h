#pragma once

// The outputs that there are. Private to load.

#include "load/output/output.h"

namespace gantry::load {

struct OutputSetup {
  std::string_view argument;  // behind the "="
  const std::map<std::string, std::string>& environment;
  const OutputFiles& files;
};

base::Result<std::unique_ptr<SampleOutput>> make_json_output(const OutputSetup& setup);
base::Result<std::unique_ptr<SampleOutput>> make_csv_output(const OutputSetup& setup);
base::Result<std::unique_ptr<SampleOutput>> make_influxdb_output(const OutputSetup& setup);
base::Result<std::unique_ptr<SampleOutput>> make_opentelemetry_output(const OutputSetup& setup);
base::Result<std::unique_ptr<SampleOutput>> make_prometheus_output(const OutputSetup& setup);

}  // namespace gantry::load
