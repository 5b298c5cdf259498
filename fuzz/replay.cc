// The main of a fuzz target where there is no libFuzzer (g++): runs the target once on every file of the given folders, in
// order of name. A find that crashes or breaks a property ends the program as it would under libFuzzer.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> find_inputs(int count, char** folders) {
  std::vector<std::filesystem::path> inputs;
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folders[i])) {
      if (entry.is_regular_file()) inputs.push_back(entry.path());
    }
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

void replay(const std::filesystem::path& input) {
  std::ifstream stream(input, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(data.data(), data.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::filesystem::path> inputs = find_inputs(argc - 1, argv + 1);
  for (const std::filesystem::path& input : inputs) {
    std::fprintf(stderr, "%s\n", input.c_str());  // the last line names the find
    replay(input);
  }
  std::fprintf(stderr, "replayed %zu inputs\n", inputs.size());
  // A corpus that went missing must not look like success.
  return inputs.empty() ? 1 : 0;
}
