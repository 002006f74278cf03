// redact over real traces: what `info` calls hidden is nowhere else either.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/redaction/text_redactor.hpp"

namespace flushtrace {
namespace {

constexpr const char* golden[] = {
    "server_503.syncflush", "snap_start.syncflush",
    "managed_instances.syncflush", "function_crash.syncflush",
    "proxy_http.syncflush"};

/// The name of a setting, up to its value.
std::string name_of(const std::string& setting) {
  return setting.substr(0, setting.find('=') + 1);
}

struct redact_test : verb_test {
  int redact(const std::string& source, std::vector<kept_part> kept = {}) {
    redact_options options;
    options.paths = {source};
    options.output = target();
    options.kept = std::move(kept);
    return run(run_redact, options);
  }

  std::string target() const { return folder + "/out.atrc"; }

  std::string dumped() {
    dump_options options;
    options.paths = {target()};
    options.is_json = true;
    EXPECT_EQ(run(run_dump, options), exit_clean);
    return out;
  }

  /// Settings of a trace, `VARIABLE=value`, of which the redacted one shows
  /// nothing.
  std::vector<std::string> hidden_settings(const std::string& source) const {
    std::set<std::string> hidden;
    for (const auto& x : load(target()).content.dictionary)
      if (x.text == name_of(x.text) + "(hidden)")
        hidden.insert(name_of(x.text));
    std::vector<std::string> found;
    for (const auto& x : load(source).content.dictionary)
      if (x.kind == apm::trace::entry_kind::configuration
          && hidden.count(name_of(x.text)) > 0)
        found.push_back(x.text);
    return found;
  }
};

TEST_F(redact_test, a_hidden_setting_is_in_no_record) {
  for (const auto* name : golden) {
    const auto source = golden_file(name);
    ASSERT_EQ(redact(source), exit_clean) << trouble;
    const auto text = dumped();
    const auto hidden = hidden_settings(source);
    EXPECT_GT(hidden.size(), 4U) << name << ": names, version, region, folders";
    for (const auto& x : hidden)
      EXPECT_EQ(text.find(x.substr(name_of(x).size())), std::string::npos)
          << name << ": " << x;
  }
}

TEST_F(redact_test, a_function_has_no_name_in_what_lambda_says) {
  ASSERT_EQ(redact(golden_file("server_503.syncflush")), exit_clean);
  auto text = dumped();
  for (const auto* hidden :
       {"orders-api", "app.handler", "$LATEST", "eu-central-1", "arn:aws"})
    EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
  for (const auto* kept :
       {R"(\"functionName\":\"xxxxxx-xxx\")", R"(\"handler\":\"xxx.xxxxxxx\")",
        R"(\"functionVersion\":\"$XXXXXX\")", R"(\"eventType\":\"INVOKE\")",
        R"(\"eventType\":\"SHUTDOWN\")", R"(\"shutdownReason\":\"spindown\")",
        R"(\"status\":\"success\")", R"(\"phase\":\"init\")",
        R"(\"initializationType\":\"on-demand\")",
        R"(\"type\":\"X-Amzn-Trace-Id\")"})
    EXPECT_NE(text.find(kept), std::string::npos) << kept;
  // What a record's body may be kept for does not bring the names back.
  ASSERT_EQ(redact(golden_file("server_503.syncflush"),
                   {kept_part::ids, kept_part::shapes, kept_part::bodies}),
            exit_clean);
  EXPECT_EQ(dumped().find("orders-api"), std::string::npos);
  ASSERT_EQ(redact(golden_file("server_503.syncflush"), {kept_part::names}),
            exit_clean);
  text = dumped();
  EXPECT_NE(text.find(R"(\"functionName\":\"orders-api\")"), std::string::npos);
  EXPECT_NE(text.find(":function:orders-api"), std::string::npos);
}

TEST_F(redact_test, events_stay_explained_as_they_were) {
  for (const auto* name : golden) {
    explain_options options;
    options.is_proved = false;
    options.is_all = true;
    options.is_json = true;
    options.paths = {golden_file(name)};
    const auto causes = [&] {
      std::string found;
      for (size_t at = 0;
           (at = out.find("\"cause\":", at)) != std::string::npos;
           at = out.find(',', at))
        found += out.substr(at, out.find(',', at) - at) + '\n';
      return found;
    };
    const auto status = run(run_explain, options);
    const auto before = causes();
    ASSERT_EQ(redact(options.paths[0]), exit_clean);
    options.paths = {target()};
    EXPECT_EQ(run(run_explain, options), status) << name;
    EXPECT_EQ(causes(), before) << name;
  }
}

TEST(text_redactor, hides_what_is_no_word_in_a_masked_body) {
  const text_redactor texts{7, {}};
  const std::pair<const char*, const char*> rows[] = {
      {R"({"handler":"app.Run42","status":"success"})",
       R"({"handler":"xxx.xxxxx","status":"success"})"},
      {R"({"functionName" : "a\"status"})",
       R"({"functionName" : "x\"xxxxxx"})"},
      {R"({"errorType":"Runtime.ExitError","status":"mine"})",
       R"({"errorType":"Runtime.ExitError","status":"xxxx"})"},
      {R"({"functionName":"cut o)", R"({"functionName":"xxx x)"},
      {R"({"functionName":"cut\)", R"({"functionName":"xxx\)"},
      {R"({"metrics":{"durationMs":6.071}})",
       R"({"metrics":{"durationMs":6.071}})"},
      {"\"", "\""},
      {"", ""}};
  for (const auto& [body, shown] : rows)
    EXPECT_EQ(texts.shown_body(body), shown);
}

TEST(text_redactor, shows_settings_that_name_the_sandbox_itself) {
  const text_redactor texts{7, {}};
  for (const auto* local : {"127.0.0.1:9001", "http://127.0.0.1:8200",
                            "http://localhost:8200/", "sandbox.localdomain"})
    EXPECT_EQ(texts.shown_value(local), local);
  for (const auto* other :
       {"http://localhost:8200/mine", "localhost:canary", "https://apm.mine",
        "http://me:localhost@mine", "http://localhost:82@mine",
        "localhost:", "ftp://localhost", ""})
    EXPECT_EQ(texts.shown_value(other), "(hidden)") << other;
}

} // namespace
} // namespace flushtrace
