// One request of the HTTP client under way; only http_client.cpp includes this.
#pragma once

#include "runtime/loop/http_client.hpp"

#include <string>
#include <vector>

namespace apm {

/// One request under way, and what has come of its answer so far.
struct http_client::transfer {
  http_request request; ///< holds the body, which libcurl does not copy
  callback on_answer;
  std::optional<aws_signing> signing;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  size_t sent = 0;      ///< of the body, where libcurl asks for it
  bool is_once = false; ///< never to be sent again
  std::string answer;
  std::vector<http_header> answer_headers;
  char error_text[CURL_ERROR_SIZE] = {};

  transfer() = default;
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;
  ~transfer() { curl_slist_free_all(headers); }

  static size_t on_body(char* data, size_t, size_t size, void* self) noexcept;
  static size_t on_read(char* data, size_t, size_t size, void* self) noexcept;
  static size_t on_header(char* data, size_t, size_t size, void* self) noexcept;

  /// Makes `easy` ready to go.
  void configure(const http_client_options& options);

  /// Has libcurl sign the request for AWS.
  void sign();

  /// Whether the request failed for a connection from before that was ending:
  /// libcurl sends it again by itself where reading shows that, but not where
  /// sending does, and which comes first is chance.
  bool has_met_an_end(CURLcode code) const;

  /// Has it sent on a new connection. @returns false if no time is left
  bool start_anew();

  /// What has come of it, once libcurl is through with the result `code`.
  http_response take_answer(CURLcode code);

  /// How it went to that outcome.
  http_phases phases(const http_response& outcome) const;
};

} // namespace apm
