#include "agent/inspect/path/mountinfo.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostLines = 100000;
// ID, parent, device, root, point, options; the separator and three more follow.
constexpr std::size_t kFixedFields = 6;
constexpr std::size_t kFieldsAfterSeparator = 3;

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes blanks and backslashes as \ooo.
std::string Unescaped(absl::string_view field) {
  std::string text;
  text.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool escape = field[i] == '\\' && i + 3 < field.size() && field[i + 1] <= '3' && IsOctal(field[i + 1]) &&
                        IsOctal(field[i + 2]) && IsOctal(field[i + 3]);
    if (!escape) {
      text.push_back(field[i]);
      continue;
    }
    text.push_back(static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0')));
    i += 3;
  }
  return text;
}

std::string JoinOptions(const std::string& mount, const std::string& file_system) {
  std::vector<std::string> options = absl::StrSplit(mount, ',', absl::SkipEmpty());
  for (const absl::string_view option : absl::StrSplit(file_system, ',', absl::SkipEmpty())) {
    // "rw" of the file system does not make a read-only mount writable.
    if ((option == "rw" || option == "ro") && !options.empty()) {
      if (option == "ro") std::replace(options.begin(), options.end(), std::string("rw"), std::string("ro"));
      continue;
    }
    if (std::find(options.begin(), options.end(), option) == options.end()) options.emplace_back(option);
  }
  return absl::StrJoin(options, ",");
}

bool ParseDevice(absl::string_view text, Mount* mount) {
  const std::vector<absl::string_view> numbers = absl::StrSplit(text, ':');
  return numbers.size() == 2 && absl::SimpleAtoi(numbers[0], &mount->device_major) &&
         absl::SimpleAtoi(numbers[1], &mount->device_minor);
}

bool ParseLine(absl::string_view line, Mount* mount) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
  const auto separator = fields.size() < kFixedFields
                             ? fields.end()
                             : std::find(fields.begin() + kFixedFields, fields.end(), absl::string_view("-"));
  if (static_cast<std::size_t>(fields.end() - separator) != kFieldsAfterSeparator + 1) return false;
  mount->root = Unescaped(fields[3]);
  mount->point = Unescaped(fields[4]);
  mount->fs_type = Unescaped(separator[1]);
  mount->source = Unescaped(separator[2]);
  mount->options = JoinOptions(Unescaped(fields[5]), Unescaped(separator[3]));
  // A root need not begin with "/": namespaces' own files show "net:[4026531840]".
  return absl::SimpleAtoi(fields[0], &mount->id) && absl::SimpleAtoi(fields[1], &mount->parent_id) &&
         ParseDevice(fields[2], mount) && !mount->root.empty() && absl::StartsWith(mount->point, "/") &&
         !mount->fs_type.empty();
}

// What is left of `path` below `directory`, without a slash ahead. False: it does not lie there.
bool Below(absl::string_view path, absl::string_view directory, absl::string_view* rest) {
  absl::ConsumeSuffix(&directory, "/");
  if (!absl::ConsumePrefix(&path, directory) || (!path.empty() && path[0] != '/')) return false;
  absl::ConsumePrefix(&path, "/");
  *rest = path;
  return true;
}

std::string Join(absl::string_view directory, absl::string_view rest) {
  absl::ConsumeSuffix(&directory, "/");
  return rest.empty() && !directory.empty() ? std::string(directory) : absl::StrCat(directory, "/", rest);
}

}  // namespace

absl::StatusOr<std::vector<Mount>> ParseMountInfo(absl::string_view text) {
  std::vector<Mount> mounts;
  absl::ConsumeSuffix(&text, "\n");
  if (text.empty()) return mounts;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (mounts.size() >= kMostLines) {
      return absl::DataLossError(absl::StrCat("mountinfo has more than ", kMostLines, " lines"));
    }
    Mount mount;
    if (!ParseLine(line, &mount)) {
      return absl::DataLossError(
          absl::StrCat("line ", mounts.size() + 1, " of mountinfo is not of the form that proc(5) describes"));
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

const Mount* MountWithId(const std::vector<Mount>& mounts, uint64_t id) {
  const auto found = std::find_if(mounts.begin(), mounts.end(), [id](const Mount& mount) { return mount.id == id; });
  return found == mounts.end() ? nullptr : &*found;
}

std::string SamePathIn(const std::vector<Mount>& mounts, const Mount& mount, const std::string& path) {
  absl::string_view rest;
  if (!Below(path, mount.point, &rest)) return "";
  const std::string within = Join(mount.root, rest);
  const Mount* best = nullptr;
  absl::string_view best_rest;
  for (const Mount& other : mounts) {
    if (other.device_major != mount.device_major || other.device_minor != mount.device_minor) continue;
    absl::string_view other_rest;
    // The widest one: least likely to be covered or to go.
    if (Below(within, other.root, &other_rest) && (best == nullptr || other.root.size() < best->root.size())) {
      best = &other;
      best_rest = other_rest;
    }
  }
  return best == nullptr ? "" : Join(best->point, best_rest);
}

}  // namespace jettyfleet
