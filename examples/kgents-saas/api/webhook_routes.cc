#include "api/request.h"
#include "api/routes.h"
#include "api/stripe_signature.h"
#include "base/json.h"

#include <memory>
#include <utility>

namespace kgents {

using gantry::base::Node;
using gantry::http::Request;
using gantry::http::Responder;
using gantry::http::Response;

namespace {

constexpr std::size_t kIdBytesMax = 255;
constexpr std::size_t kTypeBytesMax = 128;

// One delivery on its way through the steps below. The steps that ask Redis end by calling the next one.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  Delivery(WebhookParts parts, Request request, Responder responder)
      : parts_(std::move(parts)),
        request_(std::move(request)),
        responder_(std::move(responder)),
        caller_(caller_of(request_)),
        deadline_(std::chrono::steady_clock::now() + parts_.redis_budget) {}

  void begin() {
    if (parts_.secret.empty()) return finish("not_configured", Response::error(503, "there is no webhook secret here"));
    // Before anything costs: what a stranger can make us compute is limited too.
    parts_.limit.count(parts_.clock.now(), deadline_, [self = shared_from_this()](RateDecision decision) {
      if (decision.admitted) return self->verify();
      Response response = Response::error(429, "too many webhooks in this minute");
      response.headers.set("Retry-After", std::to_string(decision.retry_after.count()));
      self->finish("limited", std::move(response));
    });
  }

 private:
  void verify() {
    const std::string_view signature = request_.header("Stripe-Signature").value_or("");
    const SignatureCheck check = check_stripe_signature(signature, request_.body, parts_.secret, parts_.clock.now());
    if (check != SignatureCheck::valid) {
      // One text for all: which part was wrong is nothing that a forger should learn.
      return finish(to_string(check), Response::error(400, "the signature does not hold"));
    }
    std::expected<Node, Response> body = object_of(request_);
    if (!body) return finish("invalid", std::move(body).error());
    const std::expected<std::string, Response> id = text_of(*body, {"id"}, kIdBytesMax);
    if (!id) return finish("invalid", id.error());
    const std::expected<std::string, Response> type = text_of(*body, {"type"}, kTypeBytesMax);
    if (!type) return finish("invalid", type.error());
    claim({.id = "stripe-" + *id,
           .type = "billing." + *type,
           .tenant = caller_.tenant.value_or(""),
           .request_id = caller_.request_id,
           .data = *std::move(body)});
  }

  void claim(Happening happening) {
    const std::string key = happening.id;
    parts_.seen.claim(key, deadline_, [self = shared_from_this(), happening = std::move(happening)](Claim claimed) {
      if (claimed == Claim::fresh) self->parts_.announcer.announce(happening);
      // A duplicate is a success as well: the sender only wants to know that we have it.
      const bool duplicate = claimed == Claim::duplicate;
      Node body = Node::empty_map();
      body.set("received", true);
      body.set("duplicate", duplicate);
      self->finish(duplicate ? "duplicate" : "accepted", json(body));
    });
  }

  void finish(std::string_view result, Response response) {
    parts_.metrics.count_webhook(result);
    static_cast<void>(responder_.respond(answered(std::move(response), caller_)));
  }

  const WebhookParts parts_;
  const Request request_;
  const Responder responder_;
  const Caller caller_;
  const Deadline deadline_;
};

}  // namespace

Routes webhook_routes(const WebhookParts& parts) {
  const auto receive = [parts](Request request, Responder responder) {
    std::make_shared<Delivery>(parts, std::move(request), std::move(responder))->begin();
  };
  return {{.method = "POST",
           .pattern = "/webhooks/stripe",
           .handler = gantry::http::AsyncHandler(receive),
           .body_bytes_max = kBodyBytesMax}};
}

}  // namespace kgents
