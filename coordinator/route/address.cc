#include "coordinator/route/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace jettyfleet {
namespace {

// Its bytes; empty: none.
std::string BytesOf(const std::string& text) {
  in_addr v4 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return std::string(reinterpret_cast<const char*>(&v4), sizeof v4);
  in6_addr v6 = {};
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return std::string(reinterpret_cast<const char*>(&v6), sizeof v6);
  return "";
}

}  // namespace

bool IsIpAddress(const std::string& text) { return !BytesOf(text).empty(); }

bool SameIpAddress(const std::string& a, const std::string& b) { return IsIpAddress(a) && BytesOf(a) == BytesOf(b); }

}  // namespace jettyfleet
