#include "agent/observe/valid_text.h"

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/utf8.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongestBytes = 4096;
constexpr int kDeepest = 16;  // our messages nest four deep

// The length of the printable character at the beginning of `text`; 0: there is none.
std::size_t PrintableAt(absl::string_view text) {
  const auto [character, bytes] = FirstUtf8Character(text);
  const bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
  return control ? 0 : bytes;
}

bool IsValid(absl::string_view text) {
  if (text.size() > kLongestBytes) return false;
  while (!text.empty()) {
    const std::size_t length = PrintableAt(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string Valid(absl::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = PrintableAt(text);
    const absl::string_view next = length == 0 ? absl::string_view("?") : text.substr(0, length);
    if (valid.size() + next.size() > kLongestBytes) break;
    valid.append(next.data(), next.size());
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

void Visit(google::protobuf::Message* message, int depth) {
  using Field = google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const Field*> fields;
  reflection.ListFields(*message, &fields);
  for (const Field* const field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == Field::CPPTYPE_MESSAGE && depth < kDeepest) {
        Visit(field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, i)
                                   : reflection.MutableMessage(message, field),
              depth + 1);
      }
      if (field->cpp_type() != Field::CPPTYPE_STRING) continue;
      std::string scratch;
      const std::string& text = field->is_repeated()
                                    ? reflection.GetRepeatedStringReference(*message, field, i, &scratch)
                                    : reflection.GetStringReference(*message, field, &scratch);
      if (IsValid(text)) continue;
      std::string valid = Valid(text);
      if (field->is_repeated()) {
        reflection.SetRepeatedString(message, field, i, std::move(valid));
      } else {
        reflection.SetString(message, field, std::move(valid));
      }
    }
  }
}

}  // namespace

void MakeTextValid(google::protobuf::Message* message) { Visit(message, 0); }

}  // namespace jettyfleet
