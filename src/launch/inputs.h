#pragma once

// What a check has looked at. A check's answer may be reused while everything it looked at is the same, so every read goes
// through here and leaves a digest. (The same idea as a build system's dependency file: the inputs are found by running,
// and checked before the next run.)

#include "base/evidence.h"
#include "base/file.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

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

// Digests of files as they are now, each computed once per run.
class InputDigests {
 public:
  // `files` must outlive this.
  explicit InputDigests(const base::FileSystem& files) : files_(files) {}

  // "sha256:…", or "absent". Errors other than "missing" also give "absent": the check itself will report them.
  std::string of_file(std::string_view path);
  std::string of_listing(std::string_view path);
  std::string of_kind(std::string_view path);
  // What the input is now, by its name ("file:…", "list:…", "kind:…"); nothing for inputs that only a run can know.
  std::optional<std::string> current(std::string_view input_name);
  void remember_file(std::string_view path, std::string digest);

 private:
  const base::FileSystem& files_;
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

 private:
  const base::FileSystem& files_;
  InputDigests& digests_;
  InputRecorder& recorder_;
};

}  // namespace gantry::launch
