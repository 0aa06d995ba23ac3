// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@Suite struct PathNormalizerTests {
  @Test(arguments: [
    ("/", "/"), ("/a/b", "/a/b"), ("", "/"), ("//a///b//", "/a/b/"), ("/a/./b", "/a/b"), ("/a/../b", "/b"),
    ("/../../b", "/b"), ("/a/..", "/"), ("/a/b/.", "/a/b/"), ("/%61%2f%2F%7e", "/a%2F%2F~"), ("/a%20b", "/a b"),
    ("/%2e%2e/x", "/x"), ("/a%", "/a%"), ("/a%zz", "/a%zz"), ("/.hidden", "/.hidden"), ("/%25", "/%25"),
  ])
  func normalizes(_ path: String, _ expected: String) {
    var output = ByteBuffer()
    PathNormalizer.normalize(Array(path.utf8).span, into: &output)
    #expect(output.string == expected)
  }

  @Test(arguments: ["/", "/a/b", "/a-b_c~d", "/a.b"])
  func knowsNormalPaths(_ path: String) {
    let isNormal = PathNormalizer.isNormal(Array(path.utf8).span)
    #expect(isNormal)
  }

  @Test(arguments: ["", "a", "/a//b", "/./a", "/a%20", "/a\"b", "/é", "/;x/a"])
  func knowsOthers(_ path: String) {
    let isNormal = PathNormalizer.isNormal(Array(path.utf8).span)
    #expect(!isNormal)
  }

  private static func flaws(_ path: [UInt8]) -> PathFlaws {
    var output = ByteBuffer()
    return PathNormalizer.normalize(path.span, into: &output)
  }

  @Test(arguments: [
    "/..", "/../x", "/a/../../b", "/%2e%2e/x", "/a/%2E./../b", "//..", "/./../a", "/a/b/../../../c", "/a/../..",
  ])
  func seesWhatLeadsAboveTheRoot(_ path: String) { #expect(Self.flaws(Array(path.utf8)) == .aboveRoot) }

  @Test(arguments: ["/", "/a/..", "/a/b/../..", "/a/../b/..", "/...", "/..a/..b", "/a%2e%2e/b"])
  func staysBelowTheRoot(_ path: String) { #expect(Self.flaws(Array(path.utf8)).isEmpty) }

  @Test(arguments: [
    "/x/..%2fadmin", "/x/%2e%2e%2Fadmin", "/x;/..%2fadmin", "/%2fadmin", "/x%2f/admin",
    "/x%2f%2fadmin", "/x/.%2fadmin", "/x%2f..", "/x%2f../admin", "/x/..%5cadmin", "/x/..\\admin", "/\\admin", "/x\\\\y",
    "/%5cadmin", "/x/..;/admin", "/x/.;a=b/admin", "/x/..%3b/admin", "/;/admin", "/;a=b/admin", "/x/..;%2fadmin",
    "/x/%2e%2e;/admin", "/x%5c..%5cadmin",
  ])
  func seesTwoReadings(_ path: String) {
    let flaws = Self.flaws(Array(path.utf8))
    #expect(flaws.contains(.ambiguous))
  }

  @Test(arguments: [
    "/a%2fb", "/a%2Fb%2fc", "/a%2f", "/a%5c", "/a\\b", "/a;b=c/d", "/a;/b", "/;jsessionid=1", "/a%2f.b", "/a/b..%2fc",
    "/%c3%a9", "/a%252f..", "/caf\u{e9}%2f1", "/a%3bb", "/...%2fa", "/%2",
  ])
  func leavesEncodedSlashesBetweenNames(_ path: String) { #expect(Self.flaws(Array(path.utf8)).isEmpty) }

  @Test(arguments: [
    [0xC0, 0xAF], [0xC0, 0xAE], [0xC1, 0x9C], [0xE0, 0x80, 0xAF], [0xE0, 0x81, 0x9C], [0xF0, 0x80, 0x80, 0xAE],
    [0xF0, 0x80, 0x81, 0x9C],
  ] as [[UInt8]])
  func seesOverlongSeparators(_ bytes: [UInt8]) {
    let raw = Array("/x/".utf8) + bytes + Array("admin".utf8)
    #expect(Self.flaws(raw) == .ambiguous)
    let encoded = "/x/" + bytes.map { "%" + String($0, radix: 16) }.joined() + "admin"
    #expect(Self.flaws(Array(encoded.utf8)) == .ambiguous)
    // The same bytes cut short, and other overlong forms, separate nothing.
    #expect(Self.flaws(Array("/x/".utf8) + bytes.dropLast()).isEmpty)
  }

  @Test(arguments: [("/a/../b", true), ("/a/.", true), ("/a/%2e%2e/b", true), ("/a//b", false), ("/a/..b", false)])
  func seesDotSegmentsThatStay(_ path: String, _ expected: Bool) {
    let flaws = PathNormalizer.flaws(ofUnnormalized: Array(path.utf8).span)
    #expect(flaws.contains(.dotSegments) == expected)
  }

  /// Many segments that are taken back, in every form: the work is that of the bytes, and the result is right.
  @Test func resolvesManySegments() {
    let path = String(repeating: "/a", count: 4000) + String(repeating: "/..", count: 3999) + "/b"
    var output = ByteBuffer()
    let flaws = PathNormalizer.normalize(Array(path.utf8).span, into: &output)
    #expect(output.string == "/a/b")
    #expect(flaws.isEmpty)
  }

  @Test func escapesWhatMayNotStand() {
    var output = ByteBuffer()
    PathNormalizer.escape(Array("/a b\n%2F\u{e9}".utf8).span, into: &output)
    #expect(output.string == "/a%20b%0A%2F%C3%A9")
  }
}
