#include "cli/commands/statement.h"

#include "launch/launch.h"

#include <memory>

namespace gantry::cli {

namespace {

using Flags = StatementFlags<launch::SignRequest>;

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<Flags>();
  flags->plan.define(app);
  app.add_option("SUBJECT", flags->request.subject, "A step (C.1), \"criterion N\", or launch")->required();
  app.add_option("--as", flags->request.who, "Who signs")->required()->type_name("NAME");
  app.add_option("--role", flags->request.role, "In which role: operations, security, development, …")->required();
  app.add_option("--note", flags->request.note, "What the signer wants to say");
  app.add_flag("--reject", flags->request.rejects, "Reject instead of approve");
  app.add_option("--valid-for", flags->valid_for,
                 "How long it holds (most: 14d; default: that, or until the first evidence that it rests on ends)")
      ->type_name("DURATION");
  app.callback([flags, &action] { action = result_action(flags, record<launch::sign, launch::SignRequest>); });
}

}  // namespace

const Command kSignCommand = {
    .name = "sign",
    .summary = "Record a person's approval of a step, a criterion or the launch",
    .examples =
        "  gantry sign launch-plan.md C.1 --as \"Ada Byron\" --role operations\n"
        "  gantry sign launch-plan.md launch --as Ada --role security --reject --note \"no rotation yet\"\n\n"
        "A sign-off is of the subject as it is now: when that changes, it no longer holds.",
    .define = define};

}  // namespace gantry::cli
