// Support for the tests of the built-in function: an agent with its
// surroundings, and the facts it told.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

namespace sandbox {

/// One fact, taken apart.
struct told_fact {
  std::string fact;
  std::string kind;
  std::string text;
  std::string target;
  std::int64_t line = 0;
  std::int64_t metadata = -1;
  std::int64_t process = 0;
  std::int64_t status = -1;
  std::int64_t expected = -1;
};

/// A file for facts: unlike the pipe of a real run it never makes the writer
/// wait, so that a test can read at leisure.
class fact_file {
public:
  fact_file();
  ~fact_file();
  int descriptor() const { return descriptor_; }
  /// Returns all facts told so far.
  std::vector<told_fact> read_all();
  /// Returns how many facts of that name were told so far.
  std::size_t count(const std::string& fact);

private:
  int descriptor_;
  std::int64_t offset_ = 0;
  std::string input_;
  std::vector<told_fact> facts_;
};

/// An agent that sends to `url`.
class agent_under_test {
public:
  agent_under_test(const std::string& name, const std::string& url);

  builtin::agent& agent() { return *agent_; }
  builtin::event_maker& events() { return agent_->events(); }
  builtin::agent_context context() { return {environment, facts, log}; }
  fact_file& told() { return told_; }

  /// Begins an invocation with that request id.
  builtin::transaction_context begin(const std::string& request_id,
                                     builtin::agent_options options = {});
  /// Ends it with its transaction and that many errors.
  void finish(const builtin::transaction_context& transaction, int errors = 0);
  builtin::agent_event span(const builtin::transaction_context& transaction,
                            std::int64_t bytes = 300);

private:
  fact_file told_;

public:
  builtin::function_environment environment;
  builtin::fact_writer facts;
  builtin::function_log log;

private:
  std::unique_ptr<builtin::agent> agent_;
};

/// Parses JSON; fails the test if it is none.
rapidjson::Document json_of_text(const std::string& text);

} // namespace sandbox
