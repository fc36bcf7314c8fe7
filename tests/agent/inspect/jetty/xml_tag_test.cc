#include "agent/inspect/jetty/xml_tag.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// "NAME ATTRIBUTE=[VALUE]... KIND", and how much of the text is the tag.
std::string Described(const std::string& text) {
  const XmlTag tag = ReadXmlTag(text, 0);
  std::string said(tag.name);
  for (const XmlTag::Attribute& attribute : tag.attributes) {
    absl::StrAppend(&said, " ", attribute.name, "=[", text.substr(attribute.begin, attribute.end - attribute.begin),
                    "]", attribute.doubtful ? "?" : "");
  }
  absl::StrAppend(&said, tag.well_formed ? " good" : " broken", tag.closes ? " closes" : "", tag.empty ? " empty" : "");
  return absl::StrCat(said, ": ", text.substr(0, tag.end));
}

TEST(XmlTag, IsReadAsFarAsItCanBeTold) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"<a>b", "a good: <a>"},
      {"<a/>b", "a good empty: <a/>"},
      {"<a:b.c-d />", "a:b.c-d good empty: <a:b.c-d />"},
      {"<a b='c>' d = \"e'\"\n>f", "a b=[c>] d=[e'] good: <a b='c>' d = \"e'\"\n>"},
      {"</a >b", "a good closes: </a >"},
      {"</a b='c'>", "a b=[c] broken closes: </a b='c'>"},
      {"</a/>", "a broken closes: </a/>"},
      {"<a it's><b>", "a broken: <a it's>"},
      {"<a b=c d='e'>", "a b=[c] d=[e] broken: <a b=c d='e'>"},
      {"<a b='c'd='e'>", "a b=[c] d=[e] broken: <a b='c'd='e'>"},
      {"<a b='c' <d>", "a b=[c] broken: <a b='c' "},
      {"<a b='c<d>' e>f", "a b=[c<d>]? broken: <a b='c"},
      {"<a b='c>d", "a b=[c>d]? broken: <a b='c>d"},
      {"<a b='c<d", "a b=[c<d]? broken: <a b='c"},
      {"<a", "a broken: <a"},
      {"<a b=", "a b=[] broken: <a b="},
      {"<?x y='z'?>a", "?x y=[z] broken: <?x y='z'?>"},
      {"<!X y 'z'>a", "!X broken: <!X y 'z'>"},
      {"<", " broken: <"},
      {"<///>>", "/ broken closes: <///>"},
  };
  for (const auto& test : cases) EXPECT_EQ(Described(test.text), test.said) << test.text;
}

TEST(XmlTag, BeginsWhereANameMay) {
  for (const char* const text : {"<a", "</", "<!", "<?", "<_", "<:", "<\xc3\xa9"})
    EXPECT_TRUE(BeginsMarkup(text, 0)) << text;
  for (const char* const text : {"<", "< a", "<1", "<<", "<'", "a<"}) EXPECT_FALSE(BeginsMarkup(text, 0)) << text;
}

}  // namespace
}  // namespace jettyfleet
