// Handler: runs the script of one invocation, with the agent around it, and
// tells Lambda how it ended.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/capture_replay.hpp"
#include "tools/lambda-sandbox/function/runtime_client.hpp"
#include "tools/lambda-sandbox/function/script.hpp"

#include <map>
#include <memory>
#include <string>

namespace sandbox::builtin {

class handler {
public:
  handler(const function_environment& environment, fact_writer& facts,
          runtime_client& runtime);

  /// The process has started: wakes the environment's agent.
  void start();
  /// Runs one invocation up to its response.
  void run(const invocation& invoked);

private:
  /// What of an invocation is still to be done by its end.
  struct course {
    const invocation& invoked;
    function_script script;
    std::vector<transaction_context> transactions;
  };

  function_script read_script(const invocation& invoked);
  agent* agent_named(const std::string& name);
  void replay(course& invocation_course);
  void work(course& invocation_course, agent* active);
  void log_lines(const function_script& script);
  void send_requests(const course& invocation_course, agent* active);
  void finish_agent(const course& invocation_course, agent& active);
  void end(const course& invocation_course, agent* active);
  void respond(const course& invocation_course);
  void do_late(const course& invocation_course);

  const function_environment& environment_;
  fact_writer& facts_;
  function_log log_;
  runtime_client& runtime_;
  capture_replay replay_;
  std::map<std::string, std::unique_ptr<agent>> agents_;
};

} // namespace sandbox::builtin
