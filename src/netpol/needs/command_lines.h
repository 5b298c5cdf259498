#pragma once

// The words of a command, and the hosts in them.

#include "base/source.h"
#include "netpol/needs/settings.h"

#include <string>
#include <vector>

namespace gantry::netpol {

struct CommandText {
  std::string text;  // one word, or a whole script
  base::SourcePos where;
};

std::vector<HostReference> read_command(const std::vector<CommandText>& words);

}  // namespace gantry::netpol
