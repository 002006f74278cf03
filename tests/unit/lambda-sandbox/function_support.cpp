// Support for the tests of the built-in function; see the header.
#include "tests/unit/lambda-sandbox/function_support.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

namespace sandbox {

namespace {

told_fact take_apart(const std::string& line) {
  const auto document = json_of_text(line);
  told_fact result;
  const auto text = [&](const char* name, std::string& target) {
    if (document.HasMember(name))
      target = document[name].GetString();
  };
  const auto number = [&](const char* name, std::int64_t& target) {
    if (document.HasMember(name))
      target = document[name].GetInt64();
  };
  EXPECT_TRUE(document.HasMember("at_ns")) << line;
  EXPECT_TRUE(document.HasMember("request_id")) << line;
  text("fact", result.fact);
  text("kind", result.kind);
  text("text", result.text);
  text("target", result.target);
  number("line", result.line);
  number("metadata", result.metadata);
  number("process", result.process);
  number("status", result.status);
  number("expected", result.expected);
  return result;
}

} // namespace

rapidjson::Document json_of_text(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}

fact_file::fact_file() : descriptor_(memfd_create("facts", MFD_CLOEXEC)) {
  EXPECT_GE(descriptor_, 0);
}

fact_file::~fact_file() {
  close(descriptor_);
}

std::vector<told_fact> fact_file::read_all() {
  std::array<char, 65536> piece;
  ssize_t size = 0;
  while ((size = pread(descriptor_, piece.data(), piece.size(), offset_)) > 0) {
    input_.append(piece.data(), static_cast<std::size_t>(size));
    offset_ += size;
  }
  std::size_t end = 0;
  while ((end = input_.find('\n')) != std::string::npos) {
    facts_.push_back(take_apart(input_.substr(0, end)));
    input_.erase(0, end + 1);
  }
  return facts_;
}

std::size_t fact_file::count(const std::string& fact) {
  std::size_t found = 0;
  for (const auto& told : read_all())
    found += told.fact == fact ? 1 : 0;
  return found;
}

agent_under_test::agent_under_test(const std::string& name,
                                   const std::string& url)
    : facts(told_.descriptor()), log(facts) {
  const auto address = builtin::parse_address(
      std::string_view{url}.substr(std::string_view{"http://"}.size()), 80);
  environment.apm_server = address.value_or(builtin::http_address{});
  environment.authorization = "Bearer s3cr3t";
  environment.has_lambda_apm_server = true;
  environment.function_name = "orders-api";
  environment.function_version = "$LATEST";
  environment.region = "eu-central-1";
  environment.execution_env = "AWS_Lambda_nodejs20.x";
  environment.log_stream_name = "2026/11/22/[$LATEST]0123456789abcdef";
  agent_ = builtin::make_agent(name, context());
}

builtin::transaction_context
agent_under_test::begin(const std::string& request_id,
                        builtin::agent_options options) {
  builtin::invocation invoked;
  invoked.request_id = request_id;
  invoked.function_arn =
      "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";
  events().begin(invoked);
  auto transaction = events().new_transaction();
  agent_->begin(options, events().registration(transaction));
  return transaction;
}

void agent_under_test::finish(const builtin::transaction_context& transaction,
                              int errors) {
  std::vector<builtin::agent_event> captured;
  for (int i = 0; i < errors; ++i)
    captured.push_back(events().error(transaction, "by hand"));
  agent_->finish({events().transaction(transaction, true, 0)},
                 std::move(captured));
}

builtin::agent_event
agent_under_test::span(const builtin::transaction_context& transaction,
                       std::int64_t bytes) {
  return events().span(transaction, 1, 2.5, bytes);
}

} // namespace sandbox
