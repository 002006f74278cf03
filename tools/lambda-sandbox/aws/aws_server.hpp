// The stand-in for AWS's own APIs: a server on loopback that gives out secrets,
// parameters and certificates to who signs for them, and the keys to sign with
// where the environment has none.
//   aws_server server{io, settings, [](const aws_request& request) {…}};
//   auto port = server.listen();
#pragma once

#include "tools/lambda-sandbox/apm_server/rule_cursor.hpp"
#include "tools/lambda-sandbox/aws/aws_settings.hpp"
#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/report/run_record.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

class aws_server {
public:
  /// Called once for each request, when it has been judged.
  using request_handler = std::function<void(const aws_request&)>;

  aws_server(boost::asio::io_context& io, aws_settings settings,
             request_handler on_request);

  /// Opens a port on 127.0.0.1. *Errors*: 0 if none can be had.
  [[nodiscard]] std::uint16_t listen() { return server_.listen(); }

  /// Adds a certificate that is made for the run.
  void keep_certificate(const std::string& arn, const std::string& pem) {
    settings_.certificates[arn] = {pem, {}};
  }

  void close() { server_.close_connections(); }

private:
  struct reply {
    int status = 200;
    std::string body;
  };

  void on_exchange(const http_exchange_ptr& exchange);
  void on_keys_wanted(const http_exchange_ptr& exchange);
  void obey(const apm_server_rule& rule, const http_exchange_ptr& exchange,
            reply sound);
  reply find(const aws_request& request);
  reply next_value(std::map<std::string, std::vector<aws_secret>>& values,
                   const aws_request& request, const char* not_found);

  boost::asio::io_context& io_;
  aws_settings settings_;
  rule_cursor rules_;
  request_handler on_request_;
  aws_identity identity_;
  std::uint64_t keys_given_ = 0;
  std::vector<http_exchange_ptr> hanging_;
  http_server server_;
};

} // namespace sandbox
