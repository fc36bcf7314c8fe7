// Views against files: tests/client/testdata/NAME.txtpb holds the message, NAME.txt what is printed of it.
#ifndef JETTYFLEET_TESTS_CLIENT_RENDER_GOLDEN_H_
#define JETTYFLEET_TESTS_CLIENT_RENDER_GOLDEN_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace jettyfleet {

inline std::string ReadTestFile(const std::string& name) {
  std::ifstream in("tests/client/testdata/" + name);
  EXPECT_TRUE(in.good()) << name;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

template <typename Message>
Message ReadMessage(const std::string& name) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadTestFile(name), &message)) << name;
  return message;
}

// Compares with the file. With GOLDEN_OUT=DIR in the environment it writes there instead, to be read and then copied.
inline void ExpectGolden(const std::string& actual, const std::string& name) {
  if (const char* const out = std::getenv("GOLDEN_OUT"); out != nullptr) {
    std::ofstream(std::string(out) + "/" + name) << actual;
    return;
  }
  EXPECT_EQ(actual, ReadTestFile(name)) << name;
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_CLIENT_RENDER_GOLDEN_H_
