#include "docs/checks_page.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr char kBeginning[] = R"(# The checks of `jettyfleet check`

This page is printed from the checks themselves: `scripts/print-checks > docs/checks.md`.

**Severity**: *fatal* means that clients are, or sooner or later will be, served wrongly or not at all; *warning* that
something will make the next failure worse, or hides one; *info* explains, and does not count. What could not be observed is
**unknown**: it has not passed, and the finding says why it is not known. A description may silence or lower a check with a
reason and a last day ([cluster-yaml.md](cluster-yaml.md#keys-of-a-check)); it is carried out and listed all the same.
)";

const std::map<std::string, std::string>& Areas() {
  static const auto* const areas = new std::map<std::string, std::string>{
      {"cluster", "Pacemaker, Corosync, and the hosts themselves"},
      {"unit", "The systemd unit, of each described resource"},
      {"resource", "The resource in the cluster"},
      {"ports", "Listening sockets"},
      {"http", "What Jetty answers"},
      {"paths", "Where the application writes: paths of the unit, of jetty.base and of the description"},
      {"identity", "What must be the same on every node"},
      {"sessions", "Whether clients keep their sessions"},
      {"routing", "The load balancers"},
      {"description", "The description itself"},
  };
  return *areas;
}

const char* Name(v1::Severity severity) {
  return severity == v1::SEVERITY_FATAL ? "fatal" : severity == v1::SEVERITY_WARNING ? "warning" : "info";
}

}  // namespace

std::string ChecksPage(const v1::ListChecksResponse& list) {
  std::string page = kBeginning;
  std::string area;
  for (const v1::CheckText& check : list.checks()) {
    const std::string own = check.id().substr(0, check.id().find('.'));
    if (own != area) {
      area = own;
      std::string title = area;
      title[0] = absl::ascii_toupper(static_cast<unsigned char>(title[0]));
      const auto words = Areas().find(area);
      absl::StrAppend(&page, "\n## ", title, "\n\n", words == Areas().end() ? "" : absl::StrCat(words->second, ".\n"));
    }
    absl::StrAppend(&page, "\n### ", check.id(), "\n\n", check.title(), " (*", Name(check.severity()), "*).\n\n",
                    "- Looks at: ", check.looks_at(), ".\n- Why: ", check.why(), "\n- What to do: ", check.remedy(), ".\n");
  }
  return page;
}

}  // namespace jettyfleet
