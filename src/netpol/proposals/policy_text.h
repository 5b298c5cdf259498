#pragma once

// A NetworkPolicy as it stands in a file, and edits of that text: lines come and go, everything else stays as somebody wrote it.

#include "base/node.h"
#include "netpol/proposals.h"
#include "netpol/proposals/text_edits.h"

#include <string>
#include <vector>

namespace gantry::netpol {

// The document among those of a file that was rendered to this policy without its spec being changed; null when there is none.
const base::Node* find_document(const std::vector<base::Node>& documents, const kube::NetworkPolicy& policy);

// Makes the edits of one policy (all of `edits` are about it) in the text that `document` was read from. False when the text is
// written in a way that cannot be edited line by line (flow style over several lines); the text may then be half edited, and is to be thrown away.
bool edit_text(LineEdits& text, const base::Node& document, const std::vector<const PolicyEdit*>& edits);

}  // namespace gantry::netpol
