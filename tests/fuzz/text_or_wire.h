// Messages as text, for corpora that a person can read; what is none is taken as bytes from the wire.
#ifndef JETTYFLEET_TESTS_FUZZ_TEXT_OR_WIRE_H_
#define JETTYFLEET_TESTS_FUZZ_TEXT_OR_WIRE_H_

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <cstdint>
#include <string>

namespace jettyfleet {

// False: it is neither. Says nothing on stderr about what is wrong with the text.
inline bool ReadTextOrWire(const uint8_t* data, size_t size, google::protobuf::Message* message) {
  class Silent final : public google::protobuf::io::ErrorCollector {
    void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
    void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  };
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  parser.SetRecursionLimit(100);
  if (parser.ParseFromString(std::string(reinterpret_cast<const char*>(data), size), message)) return true;
  return message->ParseFromArray(data, static_cast<int>(size));
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_FUZZ_TEXT_OR_WIRE_H_
