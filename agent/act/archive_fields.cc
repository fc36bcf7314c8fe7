#include "agent/act/archive_fields.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "common/archive/archive_name.h"
#include "common/archive/content_hash.h"

namespace jettyfleet {
namespace {

constexpr uint32_t kMostKept = 100;

std::string Message(absl::string_view field, const absl::Status& status) {
  return status.ok() ? "" : absl::StrCat("field ", field, ": ", status.message());
}

std::string PlaceProblem(const std::string& target, const std::string& sha256) {
  if (std::string problem = Message("target", CheckArchiveTarget(target)); !problem.empty()) return problem;
  return IsSha256Hex(sha256) ? "" : "field sha256: it must be 64 of 0-9 and a-f";
}

}  // namespace

std::string ArchiveProblem(const v1::StageArchive& act) {
  if (std::string problem = PlaceProblem(act.target(), act.sha256()); !problem.empty()) return problem;
  if (act.keep() > kMostKept) return absl::StrCat("field keep is ", act.keep(), ": at most ", kMostKept);
  return Message("size", CheckArchiveContent(act.sha256(), act.size()));
}

std::string ArchiveProblem(const v1::DropStaged& act) { return PlaceProblem(act.target(), act.sha256()); }

std::string ArchiveProblem(const v1::SwitchArchive& act) {
  if (std::string problem = PlaceProblem(act.target(), act.sha256()); !problem.empty()) return problem;
  if (!IsUnitName(act.unit())) {
    return absl::StrCat("field unit is '", absl::CHexEscape(act.unit().substr(0, 100)),
                        "': it must be a systemd service without .service");
  }
  return act.has_before() ? "" : "field before is not set: nothing is put in place without an end";
}

}  // namespace jettyfleet
