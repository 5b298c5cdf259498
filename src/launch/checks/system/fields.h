#pragma once

// Fields that several checks of manifests have.

#include "launch/fields.h"

namespace gantry::launch {

inline constexpr Field kPathField{"path", FieldKind::path, Need::optional,
                                  "a file or folder of manifests; without, the whole system"};
inline constexpr Field kRawField{"raw", FieldKind::boolean, Need::optional,
                                 "take the files as they are, as `kubectl apply -f` does"};
inline constexpr Field kRecursiveField{"recursive", FieldKind::boolean, Need::optional,
                                       "with raw: the folders below too, as `kubectl apply -f -R` does"};
inline constexpr Field kIntoField{"into", FieldKind::text, Need::optional,
                                  "the namespace of objects that name none, as `kubectl apply -n` gives it"};
inline constexpr Field kNamespaceField{"namespace", FieldKind::text, Need::optional, "only what is in this namespace"};

}  // namespace gantry::launch
