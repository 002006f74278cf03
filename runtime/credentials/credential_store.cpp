#include "runtime/credentials/credential_store.hpp"

#include <algorithm>
#include <utility>

namespace apm {

namespace {

constexpr std::string_view header_name = "authorization";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_authorization(const http_header& header) {
  return std::equal(header.name.begin(), header.name.end(), header_name.begin(),
                    header_name.end(),
                    [](char x, char y) { return lower(x) == y; });
}

} // namespace

void credential_store::put(credential_kind kind, credential_origin origin,
                           std::string value) {
  if (kind == credential_kind::ca_pem) {
    ca_pem_ = std::move(value);
    if (pem_handler_)
      pem_handler_(ca_pem_);
    return;
  }
  auto& of_kind = kind == credential_kind::api_key ? api_keys_ : secret_tokens_;
  auto& kept = of_kind.at(static_cast<size_t>(origin));
  kept = std::string{trim_credential(value)};
  if (secret_handler_ && !kept.empty())
    secret_handler_(kept);
  remake_authorization();
}

void credential_store::remake_authorization() {
  const auto is_usable = [](const std::string& text) {
    return !text.empty() && is_header_value(text);
  };
  const auto last = [&](const values& of_kind) -> std::string {
    const auto found =
        std::find_if(of_kind.rbegin(), of_kind.rend(), is_usable);
    return found == of_kind.rend() ? std::string{} : *found;
  };
  authorization_.clear();
  if (const auto key = last(api_keys_); !key.empty())
    authorization_ = "ApiKey " + key;
  else if (const auto token = last(secret_tokens_); !token.empty())
    authorization_ = "Bearer " + token;
}

void credential_store::on_ca_pem(pem_handler handler) {
  pem_handler_ = std::move(handler);
  if (!ca_pem_.empty())
    pem_handler_(ca_pem_);
}

std::string_view trim_credential(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f;
  });
}

void authorize(std::vector<http_header>& headers,
               std::string_view authorization) {
  if (authorization.empty())
    return;
  headers.erase(
      std::remove_if(headers.begin(), headers.end(), is_authorization),
      headers.end());
  headers.push_back({"Authorization", std::string{authorization}});
}

} // namespace apm
