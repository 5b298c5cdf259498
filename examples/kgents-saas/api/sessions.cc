#include "api/sessions.h"

#include "base/json.h"

#include <utility>

namespace kgents {

using gantry::base::Node;

namespace {

constexpr std::size_t kTenantsMax = 1'000;     // remembered here, the first to come is the first to go
constexpr const char* kKeptSeconds = "86400";  // a day

std::string key_of(const std::string& tenant) { return "sessions:" + tenant; }

}  // namespace

Node Session::to_node(const std::string& tenant) const {
  Node node = Node::empty_map();
  node.set("id", id);
  node.set("tenant", tenant);
  node.set("title", title);
  node.set("status", "active");
  node.set("created_at", gantry::base::format_rfc3339(created_at));
  return node;
}

void SessionStore::add(const std::string& tenant, const Session& session) {
  const std::string json = gantry::base::dump_json(session.to_node(tenant));
  {
    const std::lock_guard lock(mutex_);
    const auto [own, is_new] = sessions_.try_emplace(tenant);
    own->second.push_front(json);
    if (own->second.size() > kListedMax) own->second.pop_back();
    if (is_new) tenants_.push_back(tenant);
    if (tenants_.size() > kTenantsMax) {
      sessions_.erase(tenants_.front());
      tenants_.pop_front();
    }
  }
  if (!redis_) return;
  // A sorted set, because adding the same member twice changes nothing: these commands may be carried out twice.
  const std::string key = key_of(tenant);
  redis_->tell({"ZADD", key, std::to_string(session.created_at.time_since_epoch().count()), json});
  redis_->tell({"ZREMRANGEBYRANK", key, "0", std::to_string(-static_cast<int>(kListedMax) - 1)});
  redis_->tell({"EXPIRE", key, kKeptSeconds});
}

void SessionStore::list(const std::string& tenant, Deadline deadline,
                        std::function<void(std::vector<std::string>)> callback) {
  if (!redis_) return callback(list_here(tenant));
  redis_->ask({"ZREVRANGE", key_of(tenant), "0", std::to_string(kListedMax - 1)}, deadline,
              [this, tenant, callback = std::move(callback)](std::optional<RedisReply> reply) {
                auto* const listed = reply ? std::get_if<std::vector<std::string>>(&*reply) : nullptr;
                callback(listed ? std::move(*listed) : list_here(tenant));
              });
}

std::vector<std::string> SessionStore::list_here(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  const auto own = sessions_.find(tenant);
  if (own == sessions_.end()) return {};
  return {own->second.begin(), own->second.end()};
}

}  // namespace kgents
