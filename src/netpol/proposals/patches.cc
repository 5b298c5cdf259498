// Edits as patches: each policy's text where a file holds it as it is, new objects for the rest.

#include "netpol/proposals/edits.h"
#include "netpol/proposals/policy_text.h"
#include "netpol/proposals/text_edits.h"

#include "base/text.h"
#include "base/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::NetworkPolicy;
using Kind = PolicyEdit::Kind;

namespace {

using EditsByPolicy = std::map<kube::ObjectId, std::vector<const PolicyEdit*>>;

const NetworkPolicy* find_policy(const kube::Snapshot& snapshot, const kube::ObjectId& id) {
  return kube::find_named(snapshot->network_policies, id.name_space, id.name);
}

// Whether some document of the text is the policy that is wanted.
bool holds(const std::string& text, const std::string& file, const NetworkPolicy& wanted) {
  Result<std::vector<base::Node>> documents = base::load_yaml(text, file);
  if (!documents) return false;
  const Result<kube::Snapshot> snapshot =
      kube::build_snapshot(std::move(*documents), {.default_namespace = wanted.name_space(), .derived_pods_max = 0});
  if (!snapshot) return false;
  NetworkPolicy expected = wanted;
  return std::ranges::any_of((*snapshot)->network_policies, [&](const NetworkPolicy& policy) {
    expected.object.id = policy.object.id;  // a kustomization may give it another name
    return yaml_of(policy) == yaml_of(expected);
  });
}

// One file and the edits of its policies, tried one policy after the other: what cannot be written is left to others.
struct EditedFile {
  std::string path;
  std::string original;
  std::vector<kube::ObjectId> policies;  // that are edited in it
  LineEdits lines{""};
};

class PatchWriter {
 public:
  PatchWriter(const kube::Snapshot& before, const Proposal& proposal, const ReadFile& read)
      : before_(before), proposal_(proposal), read_(read) {}

  Result<PatchSet> write(const std::string& new_objects) {
    EditsByPolicy by_policy;
    for (const PolicyEdit& edit : proposal_.edits) by_policy[edit.policy].push_back(&edit);
    for (const auto& [id, edits] : by_policy) {
      const NetworkPolicy* policy = find_policy(before_, id);
      if (!policy) {
        for (const PolicyEdit* edit : edits) fresh_.push_back(edit->yaml);
      } else if (!edit_in_place(*policy, edits)) {
        write_beside(*policy, edits);
      }
    }
    PatchSet patches{.files = {}, .by_hand = std::move(by_hand_)};
    for (auto& [path, file] : files_)
      if (!file.policies.empty())
        patches.files.push_back({path, false, file.lines.text(), file.lines.diff(path, false)});
    if (!fresh_.empty()) patches.files.push_back(new_file(new_objects));
    return patches;
  }

 private:
  EditedFile* open(const std::string& path) {
    const auto [file, is_new] = files_.try_emplace(path);
    if (is_new) {
      Result<std::string> text = read_(path);
      if (!text) {
        files_.erase(file);
        return nullptr;
      }
      file->second = {.path = path, .original = *text, .policies = {}, .lines = LineEdits(*text)};
    }
    return &file->second;
  }

  bool edit_in_place(const NetworkPolicy& policy, const std::vector<const PolicyEdit*>& edits) {
    const std::string path(policy.object.pos().file_name());
    const NetworkPolicy* after = find_policy(proposal_.after, policy.object.id);
    EditedFile* file = path.empty() || !after ? nullptr : open(path);
    if (!file) return false;
    const Result<std::vector<base::Node>> documents = base::load_yaml(file->original, path);
    const base::Node* document = documents ? find_document(*documents, policy) : nullptr;
    if (!document) return false;
    LineEdits lines = file->lines;
    if (!edit_text(lines, *document, edits) || !holds(lines.text(), path, *after)) return false;
    file->lines = std::move(lines);
    file->policies.push_back(policy.object.id);
    return true;
  }

  // Policies add up, so what a generated one should admit another can; what it should not must go where it is generated.
  void write_beside(const NetworkPolicy& policy, const std::vector<const PolicyEdit*>& edits) {
    const NetworkPolicy* after = find_policy(proposal_.after, policy.object.id);
    const bool only_adds = std::ranges::none_of(edits, [](const PolicyEdit* edit) { return is_removal(edit->kind); });
    if (!only_adds || !after) {
      for (const PolicyEdit* edit : edits) by_hand_.push_back(static_cast<std::size_t>(edit - proposal_.edits.data()));
      return;
    }
    NetworkPolicy extra = *after;
    extra.object.id.name = fmt::format("{}-more", policy.name());
    fresh_.push_back(yaml_of(extra));
  }

  FilePatch new_file(const std::string& path) const {
    const Result<std::string> old = read_(path);
    LineEdits lines(old ? std::string_view(*old) : std::string_view());
    std::vector<std::string> added;
    for (const std::string& object : fresh_) {
      if (lines.size() != 0 || !added.empty()) added.emplace_back("---");
      for (const std::string_view line : base::split(object, '\n')) added.emplace_back(line);
    }
    lines.insert_after(lines.size(), added);
    return {.path = path, .is_new = !old, .content = lines.text(), .diff = lines.diff(path, !old)};
  }

  const kube::Snapshot& before_;
  const Proposal& proposal_;
  const ReadFile& read_;
  std::map<std::string, EditedFile> files_;
  std::vector<std::string> fresh_;
  std::vector<std::size_t> by_hand_;
};

}  // namespace

Result<PatchSet> write_patches(const kube::Snapshot& before, const Proposal& proposal, const ReadFile& read,
                               const std::string& new_objects) {
  return PatchWriter(before, proposal, read).write(new_objects);
}

}  // namespace gantry::netpol
