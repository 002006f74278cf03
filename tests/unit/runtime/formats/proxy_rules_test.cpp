// Which proxy for which URL: one row a case. Source of the expectations:
// golang.org/x/net/http/httpproxy and its documentation.
#include "runtime/formats/proxy_rules.hpp"

#include <gtest/gtest.h>

namespace apm {

namespace {

struct row {
  std::string no_proxy;
  std::string url;
  bool is_proxied;
};

proxy_rules with_no_proxy(const std::string& no_proxy) {
  proxy_settings variables;
  variables.https_proxy = "http://secure.example:3128";
  variables.http_proxy = "http://plain.example:3128";
  variables.no_proxy = no_proxy;
  variables.runtime_api = "169.254.100.1:9001";
  variables.container_uri = "http://169.254.170.2/v2/credentials";
  return proxy_rules{variables};
}

} // namespace

TEST(proxy_rules_test, the_scheme_says_which_variable_counts) {
  const auto rules = with_no_proxy("");
  EXPECT_EQ(rules.proxy_for("https://apm.example/x"),
            "http://secure.example:3128");
  EXPECT_EQ(rules.proxy_for("HTTPS://APM.example/x"),
            "http://secure.example:3128");
  EXPECT_EQ(rules.proxy_for("http://apm.example/x"),
            "http://plain.example:3128");
  EXPECT_EQ(proxy_rules{}.proxy_for("https://apm.example/x"), "");
  proxy_settings only_http;
  only_http.http_proxy = "plain.example";
  EXPECT_EQ(proxy_rules{only_http}.proxy_for("https://apm.example/x"), "");
}

TEST(proxy_rules_test, reads_the_proxy_as_go_does) {
  const struct {
    std::string value;
    std::string url;
  } rows[] = {
      {"http://proxy.example:3128", "http://proxy.example:3128"},
      {"https://proxy.example", "https://proxy.example"},
      {"proxy.example:3128", "http://proxy.example:3128"},
      {"proxy.example", "http://proxy.example"},
      {" 10.0.0.1:3128 ", "http://10.0.0.1:3128"},
      {"[fd00::1]:3128", "http://[fd00::1]:3128"},
      {"http://user:pa%20ss@proxy.example",
       "http://user:pa%20ss@proxy.example"},
      {"user:pass@proxy.example:1", "http://user:pass@proxy.example:1"},
      // Go has a SOCKS proxy resolve names; libcurl only with this scheme.
      {"socks5://proxy.example:1080", "socks5h://proxy.example:1080"},
      {"SOCKS5://proxy.example:1080", "socks5h://proxy.example:1080"},
      {"", ""},
      {" ", ""},
  };
  for (const auto& [value, url] : rows) {
    proxy_settings variables;
    variables.https_proxy = value;
    EXPECT_EQ(proxy_rules{variables}.proxy_for("https://apm.example"), url)
        << value;
  }
}

TEST(proxy_rules_test, no_proxy) {
  const row rows[] = {
      // Nothing said
      {"", "https://apm.example", true},
      {",, ,", "https://apm.example", true},
      // All
      {"*", "https://apm.example", false},
      {"other.example, *", "https://10.1.2.3", false},
      // A domain and all below it
      {"apm.example", "https://apm.example", false},
      {"apm.example", "https://APM.Example/path", false},
      {"APM.example", "https://apm.example", false},
      {"apm.example", "https://eu.apm.example:8200", false},
      {"apm.example", "https://myapm.example", true},
      {"apm.example", "https://apm.example.org", true},
      {"example", "https://apm.example", false},
      // Only what is below it
      {".apm.example", "https://eu.apm.example", false},
      {".apm.example", "https://apm.example", true},
      {"*.apm.example", "https://eu.apm.example", false},
      {"*.apm.example", "https://apm.example", true},
      // A port
      {"apm.example:8200", "https://apm.example:8200", false},
      {"apm.example:8200", "https://apm.example", true},
      {"apm.example:443", "https://apm.example", false},
      {"apm.example:80", "http://apm.example", false},
      {"apm.example:80", "https://apm.example", true},
      {":8200", "https://apm.example:8200", true},
      {".apm.example:8200", "https://eu.apm.example:8200", false},
      // Lists and blanks
      {"a.example,b.example", "https://b.example", false},
      {" a.example , b.example ", "https://b.example", false},
      // Addresses
      {"10.1.2.3", "https://10.1.2.3", false},
      {"10.1.2.3", "https://10.1.2.30", true},
      {"10.1.2.3:8200", "https://10.1.2.3:8200", false},
      {"10.1.2.3:8200", "https://10.1.2.3:8201", true},
      {"2001:db8::1", "https://[2001:db8::1]", false},
      {"[2001:db8::1]", "https://[2001:db8::1]:8200", false},
      {"[2001:db8::1]:8200", "https://[2001:db8::1]:8200", false},
      {"[2001:db8::1]:8200", "https://[2001:db8::1]:8201", true},
      {"2001:DB8:0::1", "https://[2001:db8::1]", false},
      {"::ffff:10.1.2.3", "https://10.1.2.3", false},
      // Networks
      {"10.0.0.0/8", "https://10.255.0.1", false},
      {"10.0.0.0/8", "https://11.0.0.1", true},
      {"10.1.2.128/25", "https://10.1.2.200", false},
      {"10.1.2.128/25", "https://10.1.2.100", true},
      {"10.1.2.3/32", "https://10.1.2.3", false},
      {"0.0.0.0/0", "https://192.0.2.1", false},
      {"0.0.0.0/0", "https://[2001:db8::1]", true},
      {"2001:db8::/32", "https://[2001:db8:1::7]:8200", false},
      {"2001:db8::/32", "https://[2001:db9::7]", true},
      {"10.0.0.0/33", "https://10.0.0.1", true},
      {"10.0.0.0/x", "https://10.0.0.1", true},
      // A name is not resolved to compare it with addresses
      {"10.0.0.0/8", "https://apm.example", true},
      // With credentials and path in the URL
      {"apm.example", "https://user:pw@apm.example:8200/a/b?c#d", false},
      {"apm.example", "https://apm.example?x=/y", false},
  };
  for (const auto& [no_proxy, url, is_proxied] : rows)
    EXPECT_EQ(!with_no_proxy(no_proxy).proxy_for(url).empty(), is_proxied)
        << "NO_PROXY=" << no_proxy << ' ' << url;
}

TEST(proxy_rules_test, loopback_and_the_runtime_api_are_reached_directly) {
  const auto rules = with_no_proxy("");
  for (const auto* url :
       {"http://localhost:8080", "http://LOCALHOST", "http://a.localhost",
        "http://127.0.0.1:9001/2018-06-01", "http://127.8.9.10",
        "http://[::1]:8080", "http://[::ffff:127.0.0.1]",
        "http://169.254.100.1:9001/2020-01-01/extension/register"})
    EXPECT_EQ(rules.proxy_for(url), "") << url;
  for (const auto* url :
       {"http://169.254.100.1:9002", "http://localhost.example",
        "http://128.0.0.1", "http://[::2]", "http://0.0.0.0:8200"})
    EXPECT_EQ(rules.proxy_for(url), "http://plain.example:3128") << url;
}

TEST(proxy_rules_test, aws_keys_that_are_near_are_fetched_directly) {
  const auto rules = with_no_proxy("");
  EXPECT_EQ(rules.proxy_for("http://169.254.170.2/v2/credentials"), "");
  EXPECT_EQ(rules.proxy_for("http://169.254.170.2:81/"),
            "http://plain.example:3128");
  proxy_settings far;
  far.https_proxy = "http://secure.example:3128";
  far.container_uri = "https://keys.example/x";
  EXPECT_EQ(proxy_rules{far}.proxy_for(far.container_uri), far.https_proxy);
}

TEST(proxy_rules_test, knows_which_hosts_are_near) {
  for (const auto* host : {"localhost", "a.localhost", "127.0.0.1", "127.9.9.9",
                           "::1", "::ffff:127.0.0.1", "169.254.0.1"})
    EXPECT_TRUE(is_local_host(host)) << host;
  for (const auto* host : {"", "localhost.example", "128.0.0.1", "169.253.0.1",
                           "169.255.0.1", "127.1", "::2", "7f00::1"})
    EXPECT_FALSE(is_local_host(host)) << host;
}

TEST(proxy_rules_test, what_is_no_url_has_no_proxy) {
  const auto rules = with_no_proxy("");
  for (const auto* url : {"", "apm.example", "https://", "://apm.example",
                          "https:///path", "https://:8200"})
    EXPECT_EQ(rules.proxy_for(url), "") << url;
}

TEST(origin_test, has_scheme_host_and_port) {
  const auto same = [](const char* a, const char* b) {
    const auto left = origin_of(a);
    const auto right = origin_of(b);
    return left && right && *left == *right;
  };
  EXPECT_TRUE(same("https://apm.example/a", "HTTPS://APM.example:443?b"));
  EXPECT_TRUE(same("https://[FD00::1]:8200", "https://[fd00::1]:8200/x"));
  EXPECT_FALSE(same("https://apm.example", "http://apm.example"));
  EXPECT_FALSE(same("https://apm.example", "https://apm.example:8200"));
  EXPECT_FALSE(same("https://apm.example", "https://apm.example.evil"));
  EXPECT_FALSE(same("https://apm.example", "https://apm.example@evil"));
}

} // namespace apm
