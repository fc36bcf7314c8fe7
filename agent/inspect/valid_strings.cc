#include "agent/inspect/valid_strings.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/utf8.h"

namespace jettyfleet {
namespace {

using Field = google::protobuf::FieldDescriptor;

constexpr int kDeepest = 16;  // our messages nest five deep

// The length of the character at the beginning of `text`; 0: there is none that may stay.
std::size_t CharacterAt(absl::string_view text) {
  const auto [character, bytes] = FirstUtf8Character(text);
  const bool layout = character == '\n' || character == '\t';
  const bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
  return control && !layout ? 0 : bytes;
}

// False: `text` may stay as it is.
bool MakeValid(absl::string_view text, std::string* valid) {
  bool changed = false;
  for (valid->clear(); !text.empty();) {
    const std::size_t length = CharacterAt(text);
    changed = changed || length == 0;
    if (length == 0) valid->push_back('?');
    valid->append(text.data(), length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return changed;
}

void Visit(google::protobuf::Message* message, int depth) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const Field*> fields;
  reflection.ListFields(*message, &fields);
  std::string scratch, valid;
  for (const Field* const field : fields) {
    const bool repeated = field->is_repeated();
    for (int i = 0; i < (repeated ? reflection.FieldSize(*message, field) : 1); ++i) {
      if (field->type() == Field::TYPE_MESSAGE && depth < kDeepest) {
        Visit(
            repeated ? reflection.MutableRepeatedMessage(message, field, i) : reflection.MutableMessage(message, field),
            depth + 1);
      }
      if (field->type() != Field::TYPE_STRING) continue;
      const std::string& text = repeated ? reflection.GetRepeatedStringReference(*message, field, i, &scratch)
                                         : reflection.GetStringReference(*message, field, &scratch);
      if (!MakeValid(text, &valid)) continue;
      if (repeated) {
        reflection.SetRepeatedString(message, field, i, valid);
      } else {
        reflection.SetString(message, field, valid);
      }
    }
  }
}

}  // namespace

void MakeStringsValid(google::protobuf::Message* message) { Visit(message, 0); }

}  // namespace jettyfleet
