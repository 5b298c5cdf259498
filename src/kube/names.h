#pragma once

// What the API server takes as a name. Private to kube.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::kube {

// Each: the reason why the text is none; nothing when it is one.
std::optional<std::string> invalid_dns_label(std::string_view text);      // RFC 1123: "web-1"
std::optional<std::string> invalid_dns1035_label(std::string_view text);  // begins with a letter: Services
std::optional<std::string> invalid_dns_subdomain(std::string_view text);  // labels with dots between
std::optional<std::string> invalid_path_segment(std::string_view text);   // anything but ".", "..", '/' and '%'
std::optional<std::string> invalid_env_name(std::string_view text);       // printable ASCII but '='
std::optional<std::string> invalid_config_key(std::string_view text);     // of ConfigMaps and Secrets

}  // namespace gantry::kube
