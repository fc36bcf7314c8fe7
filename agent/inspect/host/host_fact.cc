#include "agent/inspect/host/host_fact.h"

#include <sys/timex.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/host/boot_units.h"
#include "agent/inspect/host/dpkg_status.h"
#include "agent/inspect/host/os_release.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr char kDpkgStatus[] = "/var/lib/dpkg/status";
constexpr std::size_t kMaxOsRelease = 64 << 10;

void ReadRelease(HostReading* reading) {
  // os-release(5): the first that is there.
  absl::StatusOr<std::string> text = ReadSmallFile("/etc/os-release", kMaxOsRelease);
  if (absl::IsNotFound(text.status())) text = ReadSmallFile("/usr/lib/os-release", kMaxOsRelease);
  if (!text.ok()) {
    reading->problems.push_back(absl::StrCat("release: ", text.status().message()));
    return;
  }
  reading->fact.set_release(PrettyNameOf(*text));
}

void ReadClock(HostReading* reading) {
  timex settings = {};  // no mode: only asks
  const int state = adjtimex(&settings);
  if (state < 0) {
    reading->problems.push_back(absl::StrCat("clock: adjtimex: ", std::strerror(errno)));
    return;
  }
  // What `timedatectl` calls "System clock synchronized".
  const bool kept = (settings.status & STA_UNSYNC) == 0 && state != TIME_ERROR;
  reading->fact.set_clock_synchronized(kept ? v1::ANSWER_YES : v1::ANSWER_NO);
}

void ReadPackages(HostReading* reading) {
  absl::StatusOr<std::vector<v1::PackageFact>> packages = ReadDpkgStatus(kDpkgStatus);
  if (!packages.ok()) {
    reading->problems.push_back(absl::IsNotFound(packages.status())
                                    ? "packages: this host has no dpkg, and other package managers are not read"
                                    : absl::StrCat("packages: ", packages.status().message()));
    return;
  }
  for (v1::PackageFact& package : *packages) reading->fact.add_packages()->Swap(&package);
}

void ReadBootUnits(HostReading* reading) {
  absl::StatusOr<std::vector<v1::EnabledFact>> units = AskBootUnits();
  if (!units.ok()) {
    reading->problems.push_back(absl::StrCat("units at boot: ", units.status().message()));
    return;
  }
  for (v1::EnabledFact& unit : *units) reading->fact.add_enabled()->Swap(&unit);
}

}  // namespace

HostReading ReadHost() {
  HostReading reading;
  utsname names;
  if (uname(&names) == 0) {
    reading.fact.set_kernel(names.release);
  } else {
    reading.problems.push_back(absl::StrCat("kernel: uname: ", std::strerror(errno)));
  }
  ReadRelease(&reading);
  ReadPackages(&reading);
  ReadClock(&reading);
  ReadBootUnits(&reading);
  return reading;
}

}  // namespace jettyfleet
