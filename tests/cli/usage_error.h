#pragma once

#include <string>

#include "cli/arguments.h"

namespace unclip::testing {

/// The message of the UsageError that `action` throws; empty if it throws none.
template <class Action>
std::string usage_error(const Action& action) {
  try {
    action();
  } catch (const cli::UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace unclip::testing
