#include "coordinator/plan/cib_values.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

int64_t IntervalMilliseconds(const std::string& text) {
  static constexpr struct {
    absl::string_view unit;
    int64_t milliseconds;
  } kUnits[] = {{"ms", 1},       {"msec", 1},     {"s", 1000},      {"sec", 1000}, {"m", 60'000},
                {"min", 60'000}, {"h", 3600'000}, {"hr", 3600'000}, {"", 1000}};
  const std::size_t digits = text.find_first_not_of("0123456789");
  int64_t number = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &number) || number > 1'000'000'000) return -1;
  const std::string unit = digits == std::string::npos ? "" : text.substr(digits);
  for (const auto& known : kUnits) {
    if (unit == known.unit) return number * known.milliseconds;
  }
  return -1;
}

std::string IntervalText(int64_t milliseconds) {
  return milliseconds % 1000 == 0 ? absl::StrCat(milliseconds / 1000, "s") : absl::StrCat(milliseconds, "ms");
}

std::string MetaValue(const MetaAttributes& attributes, const std::string& name) {
  for (const v1::MetaAttribute& attribute : attributes) {
    if (attribute.name() == name) return attribute.value();
  }
  return "";
}

bool IsTrue(const std::string& text) {
  const std::string lower = absl::AsciiStrToLower(text);
  return lower == "true" || lower == "on" || lower == "yes" || lower == "y" || lower == "1";
}

std::vector<const v1::OperationFact*> OperationsNamed(const v1::PrimitiveFact& primitive, const std::string& name) {
  std::vector<const v1::OperationFact*> found;
  for (const v1::OperationFact& operation : primitive.operations()) {
    if (operation.name() == name) found.push_back(&operation);
  }
  return found;
}

}  // namespace jettyfleet
