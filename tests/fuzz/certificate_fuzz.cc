// Certificates as files, and lists of those that are refused.
#include <cstdint>
#include <set>
#include <string>

#include "common/pki/certificate.h"
#include "common/tls/deny_list.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<jettyfleet::CertificateInfo> info = jettyfleet::InspectCertificate(text);
  if (!info.ok()) Demand(absl::IsInvalidArgument(info.status()), "what is no certificate is InvalidArgument");
  if (info.ok()) {
    Demand(info->uri.size() <= size && info->subject.size() <= 4 * size, "names are bounded");
  }
  const absl::StatusOr<std::string> serial = jettyfleet::NormaliseSerial(text);
  if (serial.ok()) {
    const absl::StatusOr<std::string> again = jettyfleet::NormaliseSerial(*serial);
    Demand(again.ok() && *again == *serial, "what is normal stays as it is");
  }
  const absl::StatusOr<std::set<std::string>> denied = jettyfleet::ParseDenyList(text);
  if (!denied.ok()) {
    Demand(absl::IsInvalidArgument(denied.status()), "what is no deny list is InvalidArgument");
    return 0;
  }
  for (const std::string& one : *denied) {
    const absl::StatusOr<std::string> normal = jettyfleet::NormaliseSerial(one);
    Demand(normal.ok() && *normal == one, "what is denied is compared with what certificates have");
  }
  return 0;
}
