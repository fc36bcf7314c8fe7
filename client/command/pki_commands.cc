#include "client/command/pki_commands.h"

#include <google/protobuf/struct.pb.h>

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/json.h"
#include "client/render/text.h"
#include "client/session.h"
#include "common/file.h"
#include "common/identity.h"
#include "common/pki/certificate.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPemLimitBytes = 256 << 10;

ExitCode FailUsage(const Console& console, absl::string_view line) {
  PrintError(console, line);
  return kExitUsage;
}

std::string DateText(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", time, absl::UTCTimeZone()); }

std::string ValidityText(const CertificateInfo& info, absl::Time now) {
  if (now > info.not_after) return "expired";
  if (now < info.not_before) return "not yet valid";
  return "valid";
}

std::vector<std::pair<std::string, std::string>> Describe(const CertificateInfo& info, absl::Time now) {
  const absl::StatusOr<Identity> identity = ParseIdentity(info.uri);
  std::string who = "nobody: it has no identity of a fleet";
  if (info.is_ca) who = "a fleet's authority";
  if (identity.ok()) who = absl::StrCat(DescribeIdentity(*identity), " in fleet ", identity->fleet);
  return {{"identity", who},
          {"uri", info.uri.empty() ? "none" : info.uri},
          {"serial", info.serial},
          {"issuer", info.issuer},
          {"from", DateText(info.not_before)},
          {"until", DateText(info.not_after)},
          {"now", ValidityText(info, now)}};
}

void PrintCertificate(const Console& console, Output output, const CertificateInfo& info, absl::Time now) {
  const auto lines = Describe(info, now);
  if (output == Output::kJson) {
    google::protobuf::Struct json;
    for (const auto& [key, value] : lines) (*json.mutable_fields())[key].set_string_value(Harmless(value));
    console.out << ToJson(json) << std::flush;
    return;
  }
  for (const auto& [key, value] : lines) {
    console.out << key << std::string(10 - key.size(), ' ') << Harmless(value) << "\n";
  }
  console.out << std::flush;
}

}  // namespace

ExitCode RunPkiInit(const Console& console, const std::string& directory, const std::string& fleet, int days) {
  const absl::Status made = InitPki(directory, fleet, days, absl::Now());
  if (!made.ok()) return FailUsage(console, made.message());
  console.out << "made the authority of fleet " << fleet << " in " << directory << "; keep " << directory
              << "/ca-key.pem secret and off the cluster" << std::endl;
  return kExitYes;
}

ExitCode RunPkiIssue(const Console& console, Output output, const IssueArguments& arguments) {
  const absl::StatusOr<Role> role = ParseRole(arguments.role);
  if (!role.ok()) return FailUsage(console, role.status().message());
  const absl::Time now = absl::Now();
  const absl::StatusOr<CertificateInfo> issued = IssueTo(
      arguments.directory, Identity{"", *role, arguments.cluster, arguments.name}, arguments.days, arguments.out, now);
  if (!issued.ok()) return FailUsage(console, issued.status().message());
  PrintCertificate(console, output, *issued, now);
  return kExitYes;
}

ExitCode RunPkiShow(const Console& console, Output output, const std::string& file) {
  const absl::StatusOr<std::string> pem = ReadSmallFile(file, kPemLimitBytes);
  if (!pem.ok()) return FailUsage(console, pem.status().message());
  const absl::StatusOr<CertificateInfo> info = InspectCertificate(*pem);
  if (!info.ok()) return FailUsage(console, absl::StrCat(file, ": ", info.status().message()));
  const absl::Time now = absl::Now();
  PrintCertificate(console, output, *info, now);
  return now >= info->not_before && now <= info->not_after ? kExitYes : kExitNo;
}

ExitCode RunPkiDeny(const Console& console, const std::string& directory, const std::string& serial) {
  const absl::Status denied = DenySerial(directory, serial, absl::Now());
  if (!denied.ok()) return FailUsage(console, denied.message());
  console.out << "on the list in " << directory << "/denied; copy it to where the coordinator reads its deny list"
              << std::endl;
  return kExitYes;
}

}  // namespace jettyfleet
