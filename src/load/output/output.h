#pragma once

// Where the samples of a run go besides its summary: --out (k6 reference, §14). An output is one file, and one line of the table in
// output.cc.
//
//   const auto output = TRY(make_output("json=samples.json.gz", environment, {.open = open}));
//   run_script({…, .outputs = {output.get()}});

#include "base/result.h"
#include "base/time.h"
#include "load/load.h"
#include "load/metrics/recorder.h"
#include "load/metrics/registry.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gantry::load {

class SystemTags;  // options/system_tags.h

// What an output writes to.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual base::Result<void> write(std::string_view bytes) = 0;
  // The last call: all is where it should be.
  virtual base::Result<void> close() = 0;
};
// Opens a file to write to, "-" or "" for stdout; compressed where its name ends in ".gz".
using OpenSink = std::function<base::Result<std::unique_ptr<ByteSink>>(const std::string& file)>;
// The whole of a file, such as a certificate.
using ReadFile = std::function<base::Result<std::string>(const std::string& file)>;

// What outputs have to do with files, all of which a person has named.
struct OutputFiles {
  OpenSink open = {};
  ReadFile read = {};
};

// What is known of a run when its first sample is near. All of it outlives finish().
struct OutputStart {
  base::Timestamp began{};  // samples count their time from here
  const MetricRegistry& registry;
  std::span<const JudgedMetric> thresholds = {};
  const SystemTags& system_tags;
  const Log& log;  // for what is worth saying while the run goes on; from the thread that calls add()
};

// Used by one thread at a time.
class SampleOutput {
 public:
  virtual ~SampleOutput() = default;
  virtual void start(const OutputStart& start) = 0;
  virtual void add(const TakenSample& sample) = 0;
  // Errors: the first that kept it from writing.
  virtual base::Result<void> finish() = 0;
};

// "json=FILE". `environment` has the K6_* variables that some read. Errors: usage: no such kind (with those there are), an argument that is
// none; those of opening.
base::Result<std::unique_ptr<SampleOutput>> make_output(std::string_view what,
                                                        const std::map<std::string, std::string>& environment,
                                                        const OutputFiles& files);

}  // namespace gantry::load
