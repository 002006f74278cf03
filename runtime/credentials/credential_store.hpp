// The secrets of the process: what the environment and AWS have given us to
// show to the APM Server. The CREDENTIALS port puts them in, the HTTP CLIENT
// port takes them out just before a request leaves; no message ever carries
// one.
//
//   store.put(credential_kind::api_key, credential_origin::environment, key);
//   authorize(request.headers, store.authorization());
#pragma once

#include "messages/http.hpp"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apm {

enum class credential_kind : uint8_t {
  api_key,      ///< sent as `ApiKey …`; wins over the token
  secret_token, ///< sent as `Bearer …`
  ca_pem,       ///< CA certificates that the APM Server's may be signed by
};

/// Where a credential comes from. Where there are several of a kind, the one
/// that is named last here is used.
enum class credential_origin : uint8_t {
  plain, ///< in the environment itself
  parameter_store,
  secrets_manager, ///< for a CA: Certificate Manager
};

class credential_store {
public:
  using pem_handler = std::function<void(const std::string& pem)>;
  using secret_handler = std::function<void(const std::string& secret)>;

  /// Keeps a credential; it takes the place of an earlier one of the same kind
  /// and origin.
  void put(credential_kind kind, credential_origin origin, std::string value);

  /// The value of our `Authorization` header; empty where there is none.
  const std::string& authorization() const noexcept { return authorization_; }

  /// Calls `handler` with each PEM text that is put in from now on, and at once
  /// with the one that is there.
  void on_ca_pem(pem_handler handler);

  /// Calls `handler` with each key and token that is put in from now on, for
  /// those who must keep them out of what they write.
  void on_secret(secret_handler handler) {
    secret_handler_ = std::move(handler);
  }

private:
  /// By origin; empty: none.
  using values = std::array<std::string, 3>;

  void remake_authorization();

  values api_keys_;
  values secret_tokens_;
  std::string ca_pem_;
  std::string authorization_;
  pem_handler pem_handler_;
  secret_handler secret_handler_;
};

/// What is left of a credential without the blanks and newlines around it, as
/// editors leave them.
std::string_view trim_credential(std::string_view text);

/// Whether a text can be a header's value: it holds no control character. One
/// that does would end the header and begin another.
bool is_header_value(std::string_view text);

/// Puts our `Authorization` in the place of any other. Without one of ours the
/// headers stay as they are.
void authorize(std::vector<http_header>& headers,
               std::string_view authorization);

} // namespace apm
