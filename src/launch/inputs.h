#pragma once

// What a check has looked at. A check's answer may be reused while everything it looked at is the same, so every read goes
// through here and leaves a digest. (The same idea as a build system's dependency file: the inputs are found by running,
// and checked before the next run.)

#include "base/evidence.h"
#include "base/file.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

// The digest of what is not there, or cannot be read.
inline constexpr std::string_view kAbsent = "absent";

// The inputs of one check, or of one loaded part that several checks share.
class InputRecorder {
 public:
  void note(std::string name, std::string digest) { inputs_.insert_or_assign(std::move(name), std::move(digest)); }
  // Everything the other has seen.
  void add(const InputRecorder& other);
  // Sorted by name.
  std::vector<base::EvidenceInput> inputs() const;

 private:
  std::map<std::string, std::string, std::less<>> inputs_;
};

// What a program is, by its full path, wherever links lead: it need not lie in the workspace. "absent" where it cannot be read.
std::string digest_program(std::string_view path);

// By name. Of whoever runs Gantry.
using Environment = std::map<std::string, std::string, std::less<>>;
// What a variable holds, as a fingerprint that tells values apart, and costs whoever guesses, since it may be a secret. "absent" where it is not set.
std::string fingerprint_variable(const Environment& environment, const std::string& name);

// Digests of inputs as they are now, each computed once per run.
class InputDigests {
 public:
  // `files` must outlive this.
  explicit InputDigests(const base::FileSystem& files, Environment environment = {})
      : files_(files), environment_(std::move(environment)) {}

  // What the input is now, by its name ("file:…", "list:…", "kind:…", "tree:…", "program:…", "variable:…"); "absent" when it cannot be read,
  // since the check itself will say why. Nothing for inputs that only a run can know ("option:…", "tool:…").
  std::optional<std::string> current(std::string_view input_name);
  void remember(std::string name, std::string digest);

 private:
  std::optional<std::string> compute(std::string_view input_name) const;

  const base::FileSystem& files_;
  Environment environment_;
  std::map<std::string, std::string, std::less<>> digests_;
};

// Reads that leave their digests in a recorder.
class RecordingFiles final : public base::FileSystem {
 public:
  RecordingFiles(const base::FileSystem& files, InputDigests& digests, InputRecorder& recorder)
      : files_(files), digests_(digests), recorder_(recorder) {}

  base::Result<std::string> read(std::string_view path, std::uint64_t bytes_max = base::kFileBytesMax) const override;
  base::Result<std::vector<base::DirectoryEntry>> list(std::string_view path) const override;
  base::Result<base::FileKind> kind(std::string_view path) const override;
  base::Result<std::string> resolve(std::string_view path) const override;
  // What all files at or below a path are, as one input; see digest_tree().
  base::Result<std::string> digest_of_tree(std::string_view path) const;

 private:
  void record(std::string name, std::string digest) const;

  const base::FileSystem& files_;
  InputDigests& digests_;
  InputRecorder& recorder_;
};

}  // namespace gantry::launch
