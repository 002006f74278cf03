// Support for the tests of the Lambda side: requests without a network, and an
// observer whose record can be looked at.
#pragma once

#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"

#include <memory>
#include <string>
#include <utility>

namespace sandbox {

/// A request that keeps its answer.
class fake_exchange : public http_exchange {
public:
  explicit fake_exchange(http_request request) {
    request_ = std::move(request);
  }

  void answer(int answer_status, std::string_view answer_body,
              const http_headers& answer_headers) override {
    ++answers;
    status = answer_status;
    body = answer_body;
    headers = answer_headers;
  }
  bool is_abandoned() const override { return is_abandoned_; }
  void abandon() { is_abandoned_ = true; }
  void truncate() { request_.is_truncated = true; }

  std::string header(const std::string& name) const {
    for (const auto& [known, value] : headers)
      if (known == name)
        return value;
    return {};
  }

  int answers = 0;
  /// 0: it hangs.
  int status = 0;
  std::string body;
  http_headers headers;

private:
  bool is_abandoned_ = false;
};

using fake_exchange_ptr = std::shared_ptr<fake_exchange>;

inline fake_exchange_ptr make_request(std::string method, std::string target,
                                      http_headers headers = {},
                                      std::string body = {}) {
  http_request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.arrived_ns = 1;
  return std::make_shared<fake_exchange>(std::move(request));
}

} // namespace sandbox
