#pragma once

// What requests that are asked for alike have in common, found once: most requests of a run are like one before.

#include "load/http/client.h"
#include "load/http/url.h"
#include "load/metrics/recorder.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::load {

class Vu;

struct RequestPlan {
  // What of the result its tags depend on, and the tags (k6 reference, §9.1).
  struct Result {
    int status = 0;
    HttpVersion version = HttpVersion::http1_1;
    int failure = 0;
    std::optional<bool> is_expected = {};
    std::string failure_text = {};
    std::string tls_version = {};
    std::string ip = {};         // where it is to be told
    std::string_view ocsp = {};  // the same
    TagSetId tags = 0;
  };

  TagSetId place = 0;  // what samples have there anyway
  std::string method = {};
  std::string text = {};  // the URL, as the script has it
  std::optional<Url> url = {};
  std::string goes_to = {};            // "127.0.0.1:8000"; "" where there is no URL
  std::uint64_t* gone_to = nullptr;    // where it is counted that requests went there
  HttpFailure refusal{.code = 0};      // of what is no URL, or no method
  std::string name = {};               // what groups URLs; the URL itself where the script says none
  std::vector<std::string> tags = {};  // names and values by turns
  // "GET /path HTTP/1.1", Host and User-Agent: what a request begins with that sets neither.
  std::string head = {};
  std::string whole = {};            // what one is that sets no header and has no body
  std::vector<Result> results = {};  // that there were, of this place
};

// By all that they depend on, as pair_text.h has texts: method, URL, name ("" for none), tags.
using RequestPlans = std::unordered_map<std::string, std::shared_ptr<RequestPlan>>;

// The header of whoever asks; "" of who is not to be told.
std::string say_agent(std::string_view agent);

// What a head ends with that no body follows: it is said where the method usually has one (RFC 9110, §8.6).
std::string_view end_without_body(std::string_view method);

// Of a VU's place; made where it is not known.
std::shared_ptr<RequestPlan> find_plan(Vu& vu, const std::string& key);

// The tags of the samples of a request that came to this.
TagSetId find_tags(Vu& vu, RequestPlan& plan, const HttpOutcome& outcome, std::optional<bool> is_expected);

}  // namespace gantry::load
