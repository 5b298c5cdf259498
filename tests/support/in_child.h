#pragma once

// Runs a piece of a test in a process of its own: with fewer rights, with tighter limits, or to be killed.

#include <functional>
#include <string>

namespace gantry::test {

enum class ChildUser {
  same,
  nobody,  // root gives its rights up, so that "no permission" means something; anybody else stays who they are
};

// What `work` returned, in a forked child. Fails the running test when the child ended in any other way.
// Call it while no other thread runs. The child runs no destructors of the parent's objects.
std::string in_child(const std::function<std::string()>& work, ChildUser user = ChildUser::same);

}  // namespace gantry::test
