#pragma once

// The program's exit codes, in one place (design: the command line).

#include "base/result.h"
#include "netpol/reachability.h"
#include "report/report.h"

namespace gantry::cli {

enum ExitCode : int {
  kYes = 0,            // GO, or the command did what it was asked
  kNo = 1,             // NO-GO
  kUsage = 2,          // the command line, the plan or gantry.yaml is wrong
  kUndecided = 3,      // a check could not be decided, or the environment kept the command from working
  kInterrupted = 130,  // Ctrl-C, as shells have it
};

constexpr ExitCode exit_code(report::Decision decision) {
  switch (decision) {
    case report::Decision::go: return kYes;
    case report::Decision::no_go: return kNo;
    case report::Decision::undecided: return kUndecided;
  }
  return kUndecided;
}

constexpr ExitCode exit_code(base::ErrorKind kind) {
  return kind == base::ErrorKind::usage || kind == base::ErrorKind::input ? kUsage : kUndecided;
}

constexpr ExitCode exit_code(netpol::Access access) {
  switch (access) {
    case netpol::Access::yes: return kYes;
    case netpol::Access::no: return kNo;
    case netpol::Access::depends: return kUndecided;
  }
  return kUndecided;
}

}  // namespace gantry::cli
