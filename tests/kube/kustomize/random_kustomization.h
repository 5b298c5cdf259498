#pragma once

// Small trees of kustomizations put together at random: bases, overlays and components with objects that refer to each
// other, and fields of every kind. One seed gives one tree, on every machine.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gantry::kube {

// The folder to render.
inline constexpr std::string_view kRandomDirectory = "overlay";

// Path -> content.
std::map<std::string, std::string, std::less<>> random_kustomization(std::uint32_t seed);

}  // namespace gantry::kube
