#pragma once

// `images` (reference §9).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>

namespace gantry::kube::kustomize {

// "reg:5000/shop/web:1.2@sha256:ab" in its three parts; tag and digest may be empty.
struct ImageName {
  std::string repository;
  std::string tag;
  std::string digest;
};
ImageName split_image(std::string_view image);

base::Result<void> apply_images(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize
