#pragma once

// Questions about single flows, as people and scripts ask them: may this workload open that port of that one?
//
//   std::vector<Question> questions = TRY(parse_questions(document));
//   add_to(options.endpoints, questions);                 // what they name must be told apart
//   const Reachability reach = TRY(analyse(snapshot, options));
//   const Answer answer = TRY(netpol::answer(reach, questions[0]));
//
// `labels(ns: a=b, pod: c=d)` is a pod with exactly these labels, which need not exist.

#include "base/node.h"
#include "base/result.h"
#include "netpol/claims.h"
#include "netpol/reachability.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

struct Question {
  Party source;
  Party destination;
  std::string source_text;  // as it was written
  std::string destination_text;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::PortRef port = kube::Port(1);  // of the container; a name is looked up on the destination
  base::SourcePos where;

  // `port` is a number or a name, `protocol` TCP, UDP or SCTP in any case. Errors: input.
  static base::Result<Question> parse(std::string_view source, std::string_view destination, std::string_view protocol,
                                      std::string_view port);
};

// A list of maps {src, dst, protocol, port}; without `protocol` it is TCP. Errors: input, with position and the nearest right key.
base::Result<std::vector<Question>> parse_questions(const base::Node& document);
// "shop/db:5432", "10.0.0.1:53/UDP", "[fd00::1]:443": destination, port and protocol. Errors: usage.
base::Result<Question> parse_question(std::string_view source, std::string_view destination_and_port);

void add_to(EndpointOptions& options, const std::vector<Question>& questions);

// One pair of endpoints of a question, one port and one IP family.
struct AnsweredFlow {
  Flow flow;
  // A pod and itself, which no policy can part (network policy reference, §7); `why` then holds only the sentence.
  bool is_loopback = false;
  Explanation why;
};

struct Answer {
  // Yes only when every flow of the question is open; no when none is; depends otherwise.
  Access access = Access::no;
  std::string why;   // one sentence, about the flow that decided
  std::string note;  // what the answer depends on; "" when it is the same everywhere
  std::vector<ProfileTopic> depends_on;
  std::vector<AnsweredFlow> flows;  // those that do not answer alike; one when all do

  // For who needs one of two words: what is not certainly open is denied.
  bool is_allowed() const { return access == Access::yes; }
};

// Errors: input, with the nearest right name: no such namespace, workload, pod or port.
base::Result<Answer> answer(const Reachability& reach, const Question& question);

}  // namespace gantry::netpol
