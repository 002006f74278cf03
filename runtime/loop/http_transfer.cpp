#include "runtime/loop/http_transfer.hpp"

#include "runtime/loop/http_transport.hpp"

#include <algorithm>
#include <cctype>

namespace apm {

namespace {

/// A connection that has idled this long is not used again: load balancers and
/// the APM Server itself (45 s) drop them, without a word where a freeze lies
/// between. The clock of it goes on in a freeze.
constexpr long idle_s_max = 30;

/// A day: what is longer, such as a date in some year, is no longer than for
/// ever.
constexpr curl_off_t retry_after_s_max = 24 * 60 * 60;

http_failure failure_of(CURLcode code) {
  switch (code) {
  case CURLE_OK:
    return http_failure::none;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return http_failure::resolve;
  case CURLE_COULDNT_CONNECT:
    return http_failure::connect;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return http_failure::tls;
  case CURLE_OPERATION_TIMEDOUT:
    return http_failure::timeout;
  case CURLE_GOT_NOTHING:
  case CURLE_PARTIAL_FILE:
  case CURLE_RECV_ERROR:
  case CURLE_SEND_ERROR:
  case CURLE_SEND_FAIL_REWIND: // it would have sent it once more
    return http_failure::closed;
  case CURLE_WRITE_ERROR:
    return http_failure::too_large;
  default:
    return http_failure::other;
  }
}

http_header parse_header(std::string_view line) {
  const auto colon = line.find(':');
  http_header header;
  header.name = line.substr(0, colon);
  for (char& c : header.name)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto value = line.substr(colon + 1);
  const auto begin = value.find_first_not_of(" \t");
  const auto end = value.find_last_not_of(" \t\r\n");
  if (begin != std::string_view::npos)
    header.value = value.substr(begin, end - begin + 1);
  return header;
}

} // namespace

size_t http_client::transfer::on_body(char* data, size_t, size_t size,
                                      void* self) noexcept {
  auto& t = *static_cast<transfer*>(self);
  if (t.answer.size() + size > t.request.response_bytes_max)
    return 0; // CURLE_WRITE_ERROR
  t.answer.append(data, size);
  return size;
}

size_t http_client::transfer::on_read(char* data, size_t, size_t size,
                                      void* self) noexcept {
  auto& t = *static_cast<transfer*>(self);
  const auto part = t.request.body.view().substr(t.sent, size);
  part.copy(data, part.size());
  t.sent += part.size();
  return part.size();
}

size_t http_client::transfer::on_header(char* data, size_t, size_t size,
                                        void* self) noexcept {
  auto& t = *static_cast<transfer*>(self);
  const std::string_view line{data, size};
  if (line.substr(0, 5) == "HTTP/")
    t.answer_headers.clear(); // of a 100 Continue before
  else if (line.find(':') != std::string_view::npos)
    t.answer_headers.push_back(parse_header(line));
  return size;
}

void http_client::transfer::configure(const http_client_options& options) {
  for (const auto& h : request.headers)
    headers = curl_slist_append(headers, (h.name + ": " + h.value).c_str());
  // No 100-continue pause. libcurl 7.88 would sign this line although it is not
  // sent; what is signed is too small for such a pause.
  if (!signing)
    headers = curl_slist_append(headers, "Expect:");
  auto set = [this](CURLoption option, auto value) {
    curl_easy_setopt(easy, option, value);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  configure_transport(easy, request.url, options);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_MAXAGE_CONN, idle_s_max);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_ERRORBUFFER, error_text);
  set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  if (request.method == "GET") {
    set(CURLOPT_HTTPGET, 1L);
  } else if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request.body.size()));
    // What libcurl asks for it cannot send from the begin again; what it signs
    // it has to have.
    is_once = options.posts_at_most_once && !signing;
    if (is_once) {
      set(CURLOPT_READFUNCTION, &transfer::on_read);
      set(CURLOPT_READDATA, this);
    } else {
      set(CURLOPT_POSTFIELDS, request.body.view().data());
    }
    if (request.method != "POST")
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (signing)
    sign();
}

/// What libcurl 7.88 signs: the method, path and query as they are sent,
/// `Host`, every header of CURLOPT_HTTPHEADER, `X-Amz-Date`, which it adds, and
/// the body. It orders the headers' lines, not their names: none may begin with
/// the whole name of another.
void http_client::transfer::sign() {
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, signing->scope.c_str());
  curl_easy_setopt(easy, CURLOPT_USERNAME, signing->access_key_id.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, signing->secret_access_key.c_str());
}

bool http_client::transfer::has_met_an_end(CURLcode code) const {
  if (code != CURLE_SEND_ERROR || is_once)
    return false;
  long connects = 0;
  long header_bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header_bytes);
  return connects == 0 && header_bytes == 0;
}

bool http_client::transfer::start_anew() {
  if (request.timeout_ms > 0) {
    curl_off_t passed_us = 0;
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &passed_us);
    const auto left_ms = static_cast<long>(request.timeout_ms)
                         - static_cast<long>(passed_us / 1000);
    if (left_ms <= 0)
      return false;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
  }
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  error_text[0] = '\0';
  return true;
}

http_response http_client::transfer::take_answer(CURLcode code) {
  long status = 0;
  curl_off_t connected = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  http_response result;
  result.id = request.id;
  result.failure = failure_of(code);
  // Once there was a connection, bytes may have left.
  result.may_have_arrived = connected > 0;
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
  result.retry_after_ms = std::min(retry_after_s, retry_after_s_max) * 1000;
  if (code == CURLE_OK) {
    result.status = static_cast<uint16_t>(status);
    result.headers = std::move(answer_headers);
    result.body = bytes{std::move(answer)};
  } else {
    result.detail = explain_tls_failure(
        easy, code,
        error_text[0] != '\0' ? error_text : curl_easy_strerror(code));
    // A proxy that refused to open a tunnel: the server saw nothing.
    long tunnel = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (tunnel != 0 && tunnel / 100 != 2) {
      result.failure = http_failure::connect;
      result.may_have_arrived = false;
    }
  }
  return result;
}

http_phases http_client::transfer::phases(const http_response& outcome) const {
  const auto number = [this](CURLINFO which) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, which, &value);
    return static_cast<int64_t>(value);
  };
  long connects = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  http_phases x;
  x.status = outcome.status;
  x.failure = outcome.failure;
  x.name_us = number(CURLINFO_NAMELOOKUP_TIME_T);
  x.connect_us = number(CURLINFO_CONNECT_TIME_T);
  x.tls_us = number(CURLINFO_APPCONNECT_TIME_T);
  x.sent_us = number(CURLINFO_PRETRANSFER_TIME_T);
  x.first_byte_us = number(CURLINFO_STARTTRANSFER_TIME_T);
  x.total_us = number(CURLINFO_TOTAL_TIME_T);
  x.is_reused = connects == 0 && x.sent_us > 0;
  x.bytes_out = static_cast<uint64_t>(number(CURLINFO_SIZE_UPLOAD_T));
  x.bytes_in = static_cast<uint64_t>(number(CURLINFO_SIZE_DOWNLOAD_T));
  return x;
}

} // namespace apm
