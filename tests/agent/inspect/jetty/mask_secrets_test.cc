#include "agent/inspect/jetty/mask_secrets.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

TEST(MaskOf, ShowsADifferenceAndNoMore) {
  EXPECT_EQ(MaskOf("hunter2"), MaskOf("hunter2"));
  EXPECT_NE(MaskOf("hunter2"), MaskOf("hunter3"));
  // SHA-256 of "hunter2" by sha256sum begins f52fbd32.
  EXPECT_EQ(MaskOf("hunter2"), "***f52f");
}

// Every "SECRET" has to go, and what is around it to stay.
void ExpectMasked(TextKind kind, const std::string& text) {
  const std::string masked = MaskSecrets(text, kind);
  EXPECT_FALSE(absl::StrContains(masked, "SECRET")) << masked;
  EXPECT_TRUE(absl::StrContains(masked, "***")) << masked;
}

TEST(MaskSecrets, HidesSecretsInLines) {
  for (const char* const text : {
           "jetty.sslContext.keyStorePassword=SECRET",
           "jetty.sslContext.keyStorePassword=OBF:SECRET",
           "something.else=OBF:SECRET",
           "x = MD5:SECRET",
           "user: CRYPT:SECRET,admin",
           "  db.passwd : SECRET and SECRET",
           "password SECRET",
           "#password=SECRET",
           "# password = SECRET",
           "export DB_PASSWORD='SECRET with SECRET'",
           "JAVA_OPTIONS=\"-Djavax.net.ssl.trustStorePassword=SECRET -Xmx1g\"",
           "JAVA_OPTIONS=-Dpassword=\"SECRET SECRET\" -Xmx1g",
           "-Dmy.token=SECRET",
           "api-key?=SECRET",
           "secret+=,SECRET",
           "url=jdbc:postgresql://db/s?user=jetty&password=SECRET&ssl=true",
           "url=jdbc:postgresql://jetty:SECRET@db/s",
           "url=jdbc:mysql://jetty:SEC/RET@SECRET@db:3306/s",
           "url=jdbc:mysql://jetty:SECRET?SECRET@db/s",
           "url=jdbc:oracle:thin:scott/SECRET@//db:1521/x",
           "url=jdbc:sqlserver://db;user=x;password={SECRET;SECRET};encrypt=true",
           "redis=redis://:SECRET@cache:6379",
           "a=redis://:SECRET@cache b=mongodb://u:SECRET@m/x",
           "credential=SECRET\\\n  SECRET",
           "key=\n-----BEGIN RSA PRIVATE KEY-----\nSECRET\nSECRET\n-----END RSA PRIVATE KEY-----\n",
           "-----BEGIN PRIVATE KEY-----\nSECRET",
       }) {
    ExpectMasked(TextKind::kLines, text);
  }
}

TEST(MaskSecrets, HidesPasswordsOfARealm) {
  ExpectMasked(TextKind::kRealm, "admin: SECRET,server-administrator\n#other = SECRET\n");
  EXPECT_EQ(MaskSecrets("admin: hunter2,user,admin", TextKind::kRealm), "admin: ***f52f,user,admin");
}

TEST(MaskSecrets, HidesSecretsInXml) {
  for (const char* const text : {
           "<Set name='password'>SECRET</Set>",
           "<Set name='KeyStorePassword'>\n  SECRET\n</Set>",
           "<Set name=\"password\"><Property name=\"db.pw\" default=\"SECRET\"/></Set>",
           "<Property name='jetty.sslContext.keyStorePassword' default='OBF:SECRET'/>",
           "<Property name='db.password' default='mySECRETpassword'/>",
           "<Set name='password' value='a>SECRET'/>",
           "<Call name='setPassword'><Arg>SECRET</Arg></Call>",
           "<Arg>password</Arg>\n<Arg>SECRET</Arg>",
           "<Entry><Item>user.token</Item><Item>SECRET</Item></Entry>",
           "<param-name>secret-key</param-name><param-value>SECRET</param-value>",
           "<password>SECRET</password>",
           "<user name='x' password='SECRET'/>",
           "<Arg>jdbc:postgresql://u:SECRET@db/s?password=SECRET</Arg>",
           "<Set name='x' value='OBF:SECRET'/>",
           "<!-- <Set name='password'>SECRET</Set> -->",
           "<!-- password=SECRET -->",
           "<Set name='password'><![CDATA[SE<CRET SECRET]]></Set>",
           "<Set name='password'>SECRET",
           "<Set name='password'>SECRET<Set name='inner'>SECRET</Set>SECRET</Set>",
           "<Set name='password'><!--></Set>-->SECRET</Set>",
           "<Set name='password'>a</Set><Set name='url'>redis://:SECRET@c</Set>",
           // An apostrophe in somebody's words is no quote.
           "<?note it isn't so ?><Set name='password'>SECRET</Set>",
           "<!-- <b don't> --><Set name='password'>SECRET</Set><!-- it's -->",
           "<b don't><user name='x' password='SECRET'/>",
           "<!DOCTYPE x [<!ENTITY a \"it's\">]><Set name='password'>SECRET</Set>",
           // Without an end.
           "<![CDATA[ <Set name='password'>SECRET</Set>",
       }) {
    ExpectMasked(TextKind::kXml, text);
  }
}

// Apostrophes, instructions, unclosed things and broken tags, around a secret and within it.
TEST(MaskSecrets, HidesSecretsInDoubtfulXml) {
  const char* const around[][2] = {
      {"", ""},
      {"<!-- don't ", " -->"},
      {"<!-- if a <b, don't do ", " it's -->"},
      {"<!-- <b don't> isn't <c ", " -->"},
      {"<!-- <b x='s and it ", " -->"},
      {"<!-- <b x='s and it's ", " '> -->"},
      {"<!-- never closed ", ""},
      {"<?x it's ?>", ""},
      {"<?x it's ", " ?>"},
      {"<?x a='b ", ""},
      {"<![CDATA[", "]]>"},
      {"<![CDATA[ never closed ", ""},
      {"<a><![CDATA[it's]]></a>", ""},
      {"<!DOCTYPE a [ <!ENTITY b 'c", "'> ]>"},
      {"<a b=\"never closed ", ""},
      {"<a b='<c>' d=\"", "\">"},
      {"<a b=c'>", "'"},
      {"<a b = 'c'd>", ""},
      {"<a b", ""},
      {"</a '", "'"},
      {"</a b='", "'>"},
      {"a < b 'c ", "'"},
      {"<Set name='", "'"},
      {"<Set name=\"password\"", "</Set>"},
      {"<Set name='password'><!--", ""},
      {"<Arg>password</Arg><!-- it's -->", ""},
  };
  const char* const secrets[] = {
      "<Set name='password'>SECRET</Set>",
      "<Set name=\"password\">SECRET</Set>",
      "<Set name=password>SECRET</Set>",
      "<Set name='password' broken>SECRET</Set>",
      "<Set name='password'>it's SECRET, isn't it? SECRET</Set>",
      "<Set name='password'>SE<CRET SECRET</Set>",
      "<Set name='password'><![CDATA[</Set>SECRET]]></Set>",
      "<Set name='password'><!-- </Set> -->SECRET</Set>",
      "<Set name='password'><?x </Set> ?>SECRET</Set>",
      "<Set name='password'><?></Set>?>SECRET</Set>",
      "<Set name='password'><Set a='</Set>'>x</Set>SECRET</Set>",
      "<Set name='password'><token>x</Set>SECRET</token>",
      "<Set name='password'></Set SECRET></Set>",
      "<Property name='x.password' default=SECRET/>",
      "<Property default='SE<CRET SECRET' name='x.password'/>",
      "<Property name='x.password' default='SECRET\"/>",
      "<entry key='password'>SECRET</entry>",
      "<Arg>password</Arg><Arg>SE<CRET SECRET</Arg>",
      "<Arg>password</Arg><!-- the password --><Arg>SECRET</Arg>",
      "<Arg>password</Arg><![CDATA[ ]]><Arg>SECRET</Arg>",
      "<Arg>password</Arg><Arg><![CDATA[SE<b>CRET SECRET]]></Arg>",
      "<Arg>password</Arg><Arg><![CDATA[SECRET",
      "<Arg><![CDATA[password]]></Arg><Arg>SECRET</Arg>",
      "<Arg>password</Arg><Arg><Property name='x' default='SECRET'/></Arg>",
      "<Arg>password</Arg><?x SECRET?><Arg>SECRET</Arg>",
      "<Arg>java:comp/env/dbPassword</Arg><Arg>SECRET</Arg>",
      "<Arg>password</Arg><Arg>mypassword</Arg><Arg>SECRET</Arg>",
      "<Put name='a'>{\"password\": \"SECRET SECRET\"}</Put>",
      "<!ENTITY db.password \"SECRET\">",
      "<!ENTITY db.password 'SE<b>CRET SECRET'>",
      "<?x password = 'SECRET'?>",
  };
  for (const auto& [before, after] : around) {
    for (const char* const secret : secrets) ExpectMasked(TextKind::kXml, absl::StrCat(before, secret, after));
  }
}

TEST(MaskSecrets, HidesSecretsInTheWordsOfXml) {
  for (const char* const text : {
           "<!-- password: SECRET -->",
           "<!-- the password : SECRET SECRET\n-->",
           "<!-- it's\n Password SECRET -->",
           "<!-- DB_PASSWORD = SECRET SECRET -->",
           "<a b='password: SECRET SECRET'/>",
           "<b it's redis://:SECRET@cache",
           "</a redis://:SECRET@cache>",
       }) {
    ExpectMasked(TextKind::kXml, text);
  }
  EXPECT_EQ(MaskSecrets("<a>u?password=hunter2&b=c</a>", TextKind::kXml), "<a>u?password=***f52f&b=c</a>");
}

TEST(MaskSecrets, LeavesTheRestAsItIs) {
  for (const char* const text :
       {"", "\n\n", "jetty.http.port=8080\n# a comment, with = and : in it\n--module=http\n",
        "url=jdbc:postgresql://db:5432/s?user=jetty&ssl=true", "jetty.sslContext.keyStorePath=etc/keystore.p12",
        "password=", "a=b\r\nc=d\r\n", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"}) {
    EXPECT_EQ(MaskSecrets(text, TextKind::kLines), text);
  }
  for (const char* const text :
       {"<?xml version=\"1.0\"?>\n<Configure id='Server' class=\"a.B\">\n <!-- text -->\n <Set "
        "name='port'>1</Set>\n</Configure>",
        "<Set name='password'></Set><Set name='a'>b</Set>", "<a b='c>'>1 < 2</a>", "<broken", "a > b",
        "</password ><a>b</a>", "<!-- it's <b> isn't --><c d='e'>f</c>", "<![CDATA[it's ]]><c d='e'>f</c>",
        "<?x it's ?><c d='e'>f</c>", "<!-- of passwords see elsewhere --><c d=''>f</c>",
        "<!DOCTYPE Configure PUBLIC \"-//Jetty//Configure//EN\" \"https://jetty.org/configure_10_0.dtd\">"}) {
    EXPECT_EQ(MaskSecrets(text, TextKind::kXml), text);
  }
}

TEST(MaskSecrets, ShowsWhereTwoFilesDiffer) {
  EXPECT_EQ(MaskSecrets("a=1\ndb.password=hunter2\nb=2", TextKind::kLines), "a=1\ndb.password=***f52f\nb=2");
  EXPECT_EQ(MaskSecrets("<S name='password'>\n hunter2\n</S><S name='a'>b</S>", TextKind::kXml),
            "<S name='password'>\n ***f52f\n</S><S name='a'>b</S>");
  EXPECT_EQ(MaskSecrets("<!-- don't --><P name='db.password' default=\"hunter2\"/><P name='b'/>", TextKind::kXml),
            "<!-- don't --><P name='db.password' default=\"***f52f\"/><P name='b'/>");
  EXPECT_EQ(MaskSecrets("u=jdbc:mysql://a:b@db:3306/s?password=hunter2&x=1", TextKind::kLines),
            absl::StrCat("u=jdbc:mysql://", MaskOf("a:b"), "@db:3306/s?password=***f52f&x=1"));
}

TEST(TextKindOf, GoesByTheName) {
  EXPECT_EQ(TextKindOf("/etc/jetty9/jetty.xml"), TextKind::kXml);
  EXPECT_EQ(TextKindOf("/etc/jetty9/realm.properties"), TextKind::kRealm);
  EXPECT_EQ(TextKindOf("/etc/jetty9/start.ini"), TextKind::kLines);
  EXPECT_EQ(TextKindOf("/etc/realms/start.ini"), TextKind::kLines);
}

}  // namespace
}  // namespace jettyfleet
