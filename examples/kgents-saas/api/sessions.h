#pragma once

// The sessions of tenants: the newest hundred of each, for a day after the last was begun. Redis has those of all
// processes; while it is away a process knows its own, and what was begun meanwhile is there when it is back.

#include "api/redis_client.h"
#include "base/node.h"
#include "base/time.h"

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace kgents {

struct Session {
  std::string id;
  std::string title;
  gantry::base::Timestamp created_at;

  gantry::base::Node to_node(const std::string& tenant) const;
};

// Safe from any thread.
class SessionStore {
 public:
  static constexpr std::size_t kListedMax = 100;

  // Null: this process alone. The pointer is kept.
  explicit SessionStore(Redis* redis) : redis_(redis) {}

  void add(const std::string& tenant, const Session& session);
  // Newest first, each as JSON. Calls back once, by the deadline, from this thread or from Redis's.
  void list(const std::string& tenant, Deadline deadline,
            std::function<void(std::vector<std::string> sessions)> callback);

 private:
  std::vector<std::string> list_here(const std::string& tenant);

  Redis* redis_;
  std::mutex mutex_;
  // Guarded by mutex_: newest first.
  std::unordered_map<std::string, std::deque<std::string>> sessions_;
  std::deque<std::string> tenants_;  // in the order they came
};

}  // namespace kgents
