// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// Dates in the three forms of HTTP.
@Suite struct HTTPDateTests {
  @Test(arguments: [
    // RFC 9110 section 5.6.7.
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
    ("Sun Nov  6 08:49:37 1994", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000),
    ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200), ("Mon, 18-Jan-38 00:00:00 GMT", 2_147_385_600),
    ("Tue Nov 14 22:13:20 2023", 1_700_000_000),
    // What is not looked at.
    ("X, 14 Nov 2023 22:13:20", 1_700_000_000), ("Tue,   14 Nov 2023 22:13:20 +0200", 1_700_000_000),
  ]) func dates(text: String, seconds: Int) { #expect(HTTPDate(text)?.unixSeconds == seconds) }

  @Test(arguments: [
    "", " ", ",", "never", "wrong date", "1700000000", "Sun, ", "Sun, 06", "Sun, 06 Nov", "Sun, 06 Nov 1994",
    "Sun, 06 Nov 1994 08:49", "Sun, 06 Nov 1994 08:49:3", "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 08:49:37 GMT", "Thu, 29 Feb 1900 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06-Nov 1994 08:49:37 GMT",
    "Sunday, 06 Nov-94 08:49:37 GMT", "Sun, 06/Nov/94 08:49:37 GMT", "Sun Nov 06 08:49:37", "Sun Nov   6 08:49:37 1994",
    "2023-11-14T22:13:20Z", "Sun, é6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
  ]) func otherTextsAreNone(text: String) { #expect(HTTPDate(text) == nil) }

  @Test func everyBeginningIsAnswered() {
    for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
      for end in text.indices { _ = HTTPDate(String(text[..<end])) }
    }
  }
}
