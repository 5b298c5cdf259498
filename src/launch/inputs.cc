#include "launch/inputs.h"

#include "base/digest.h"
#include "launch/tree_digest.h"
#include "load/summary/merge.h"

#include <array>
#include <filesystem>
#include <system_error>

namespace gantry::launch {

using base::DirectoryEntry;
using base::FileKind;
using base::Result;

namespace {

// The names of inputs that can be looked at again without running the check.
constexpr std::string_view kFilePrefix = "file:";
constexpr std::string_view kListPrefix = "list:";
constexpr std::string_view kKindPrefix = "kind:";
constexpr std::string_view kTreePrefix = "tree:";
constexpr std::string_view kProgramPrefix = "program:";
constexpr std::string_view kVariablePrefix = "variable:";
// With everything that a debugger wants a program is larger than any manifest.
constexpr std::uint64_t kProgramBytesMax = 1ULL << 30;

std::string digest_text(std::string_view bytes) { return "sha256:" + base::sha256_hex(bytes); }

std::string listing_digest(const std::vector<DirectoryEntry>& entries) {
  base::DigestBuilder digest;
  for (const DirectoryEntry& entry : entries) digest.add(entry.name).add(std::to_string(static_cast<int>(entry.kind)));
  return "sha256:" + digest.hex();
}

std::string kind_text(FileKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {kAbsent, "regular", "directory", "other"};
  return std::string(kNames.at(static_cast<std::size_t>(kind)));
}

std::string named(std::string_view prefix, std::string_view path) { return std::string(prefix) + std::string(path); }

}  // namespace

std::string digest_program(std::string_view path) {
  // Distributions have links out of the folder: /usr/bin/java leads to /etc, and from there to where it is.
  std::error_code failure;
  const std::filesystem::path real = std::filesystem::canonical(path, failure);
  if (failure) return std::string(kAbsent);
  const auto folder = base::open_directory(real.parent_path().string());
  const Result<std::string> bytes = folder ? (*folder)->read(real.filename().string(), kProgramBytesMax)
                                           : Result<std::string>(std::unexpected(folder.error()));
  return bytes ? digest_text(*bytes) : std::string(kAbsent);
}

std::string fingerprint_variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return std::string(kAbsent);
  // Where there is no memory for it nobody knows what it is, and evidence that was won with another text is stale.
  const auto fingerprints = load::make_fingerprints({{name, found->second}}, "gantry.evidence-variable/v1");
  return fingerprints ? fingerprints->at(name) : std::string(kAbsent);
}

void InputRecorder::add(const InputRecorder& other) {
  for (const auto& [name, digest] : other.inputs_) inputs_.insert_or_assign(name, digest);
}

std::vector<base::EvidenceInput> InputRecorder::inputs() const {
  std::vector<base::EvidenceInput> all;
  all.reserve(inputs_.size());
  for (const auto& [name, digest] : inputs_) all.push_back({name, digest});
  return all;
}

void InputDigests::remember(std::string name, std::string digest) {
  digests_.insert_or_assign(std::move(name), std::move(digest));
}

std::optional<std::string> InputDigests::current(std::string_view input_name) {
  if (const auto known = digests_.find(input_name); known != digests_.end()) return known->second;
  std::optional<std::string> digest = compute(input_name);
  if (digest) digests_.emplace(input_name, *digest);
  return digest;
}

std::optional<std::string> InputDigests::compute(std::string_view input_name) const {
  if (input_name.starts_with(kFilePrefix)) {
    const Result<std::string> bytes = files_.read(input_name.substr(kFilePrefix.size()));
    return bytes ? digest_text(*bytes) : std::string(kAbsent);
  }
  if (input_name.starts_with(kListPrefix)) {
    const Result<std::vector<DirectoryEntry>> entries = files_.list(input_name.substr(kListPrefix.size()));
    return entries ? listing_digest(*entries) : std::string(kAbsent);
  }
  if (input_name.starts_with(kProgramPrefix)) return digest_program(input_name.substr(kProgramPrefix.size()));
  if (input_name.starts_with(kVariablePrefix))
    return fingerprint_variable(environment_, std::string(input_name.substr(kVariablePrefix.size())));
  if (input_name.starts_with(kTreePrefix)) {
    const Result<std::string> digest = digest_tree(files_, input_name.substr(kTreePrefix.size()));
    return digest ? *digest : std::string(kAbsent);
  }
  if (input_name.starts_with(kKindPrefix)) {
    const Result<FileKind> kind = files_.kind(input_name.substr(kKindPrefix.size()));
    return kind ? kind_text(*kind) : std::string(kAbsent);
  }
  return std::nullopt;
}

void RecordingFiles::record(std::string name, std::string digest) const {
  digests_.remember(name, digest);
  recorder_.note(std::move(name), std::move(digest));
}

Result<std::string> RecordingFiles::read(std::string_view path, std::uint64_t bytes_max) const {
  Result<std::string> bytes = files_.read(path, bytes_max);
  record(named(kFilePrefix, path), bytes ? digest_text(*bytes) : std::string(kAbsent));
  return bytes;
}

Result<std::vector<DirectoryEntry>> RecordingFiles::list(std::string_view path) const {
  Result<std::vector<DirectoryEntry>> entries = files_.list(path);
  record(named(kListPrefix, path), entries ? listing_digest(*entries) : std::string(kAbsent));
  return entries;
}

Result<FileKind> RecordingFiles::kind(std::string_view path) const {
  Result<FileKind> kind = files_.kind(path);
  record(named(kKindPrefix, path), kind ? kind_text(*kind) : std::string(kAbsent));
  return kind;
}

Result<std::string> RecordingFiles::digest_of_tree(std::string_view path) const {
  Result<std::string> digest = digest_tree(files_, path);
  record(named(kTreePrefix, path), digest ? *digest : std::string(kAbsent));
  return digest;
}

// Where a link leads shows in what is then read; the link itself leaves no digest of its own.
Result<std::string> RecordingFiles::resolve(std::string_view path) const { return files_.resolve(path); }

}  // namespace gantry::launch
