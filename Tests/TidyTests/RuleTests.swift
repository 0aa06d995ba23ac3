// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

/// The rules themselves: each lets the good pass and finds the bad.
@Suite struct RuleTests {
  private static func file(_ text: String, _ path: String = "Sources/GibbonCore/X.swift") -> SourceFile {
    SourceFile(path: path, text: text)
  }

  private static func lines(_ violations: [Violation]) -> [Int] { violations.map(\.line) }

  // MARK: Code and comments

  @Test(arguments: [
    (#"a("try!") // as!"#, "a( )"), (#"let x = "\(y.map { f($0) })z""#, "let x = y.map { f($0) }"),
    (##"#"\(no) " "# + b"##, "+ b"), (#""a\"b" c"#, "c"), ("/* a /* b */ c */ d", "d"),
    (#""\("a" + "b")" c"#, "+ c"),
  ])
  func codeIsToldFromTheRest(text: String, code: String) {
    let scanned = Self.file(text).code.first ?? ""
    #expect(scanned.split(separator: " ") == code.split(separator: " "), "\(scanned)")
  }

  @Test func stringsOfSeveralLinesAreNotCode() {
    let file = Self.file("let a = \"\"\"\n  try! \"x\" \\(call())\n  \"\"\"\nlet b = 1 // note\n")
    #expect(file.code.count == 4)
    #expect(!file.code[1].contains("try") && file.code[1].contains("call()"))
    #expect(file.code[3].contains("let b = 1") && file.comments[3].contains("note"))
  }

  @Test func charactersOfCAreNotStrings() {
    let file = SourceFile(path: "Sources/C/x.c", text: "if (c == '\"') abort(); // \"\nint x;\n")
    #expect(file.code[0].contains("abort();") && file.code[1] == "int x;")
  }

  // MARK: Imports

  @Test(
    arguments: [
      ("import GibbonCore", "GibbonCore"), ("@preconcurrency internal import Glibc", "Glibc"),
      ("public import struct Foundation.Date", "Foundation"), ("@testable import A.B", "A"), ("let important = 1", nil),
      ("self.import(x)", nil),
    ] as [(String, String?)])
  func importsAreRead(line: String, module: String?) { #expect(ImportRules.module(of: line) == module) }

  @Test func importsOutwardAreFound() {
    let text = """
      internal import GibbonCore
      internal import NIOCore
      import Foundation
      import GibbonEngine
      // import X
      """
    #expect(Self.lines(ImportRules.violations(in: Self.file(text, "Sources/GibbonHTTP1/X.swift"))) == [2, 3, 4])
    #expect(ImportRules.violations(in: Self.file(text, "Tests/GibbonHTTP1Tests/X.swift")).isEmpty)
    #expect(Self.lines(ImportRules.violations(in: Self.file("", "Sources/New/X.swift"))) == [0])
  }

  /// A ring only reaches inward: nobody in a row imports back.
  @Test func theRowsHaveNoCycles() {
    func reaches(_ from: String, _ wanted: String, _ depth: Int) -> Bool {
      guard depth > 0, let row = ImportRules.rows[from] else { return false }
      return row.own.contains(wanted) || row.own.contains { reaches($0, wanted, depth - 1) }
    }
    for target in ImportRules.rows.keys { #expect(!reaches(target, target, ImportRules.rows.count), "\(target)") }
  }

  // MARK: Lengths

  private static func function(_ count: Int, _ signature: String) -> String {
    "\(signature) {\n" + String(repeating: "  x()\n", count: count - 2) + "}\n"
  }

  @Test(arguments: [
    "func f()", "  public init?(a: Int = 1)", "@inlinable static func f<T>(_ a: [T])\n  -> Int where T: X",
  ])
  func longFunctionsAreFound(signature: String) {
    let extra = signature.split(separator: "\n").count - 1
    #expect(LengthRules.violations(in: Self.file(Self.function(70 - extra, signature))).isEmpty)
    #expect(LengthRules.violations(in: Self.file(Self.function(71 - extra, signature))).count == 1)
  }

  @Test func requirementsOfProtocolsHaveNoBody() {
    let requirements = "protocol P {\n  func a()\n  init(b: Int)\n}\nstruct S {\n"
    let text = requirements + String(repeating: "\n", count: 90) + "}\n"
    #expect(LengthRules.violations(in: Self.file(text)).isEmpty)
    #expect(!LengthRules.startsFunction("  self.init(a)"))
    #expect(!LengthRules.startsFunction("  let f = S.init(a)"))
  }

  @Test func longLinesAndFilesAreFound() {
    #expect(LengthRules.violations(in: Self.file(String(repeating: "é", count: 120))).isEmpty)
    #expect(Self.lines(LengthRules.violations(in: Self.file("\n" + String(repeating: "x", count: 121)))) == [2])
    let long = String(repeating: "\n", count: 401)
    #expect(LengthRules.violations(in: Self.file(long)).count == 1)
    #expect(LengthRules.violations(in: Self.file(long, "Tests/A/B.swift")).isEmpty)
    #expect(LengthRules.violations(in: Self.file(long + long, "Tests/A/B.swift")).count == 1)
  }

  // MARK: Words

  @Test(arguments: [
    "try! f()", "x as! Int", "fatalError()", "if a { fatalError(\"x\") }", "precondition(a)", "print(1)", "a!.b",
    "f()!", "a[0]!", "\"\\(x!)\"", "// TODO: later", "let x: Int!", "@exclusivity(unchecked)",
  ])
  func bannedWordsAreFound(text: String) { #expect(BannedWords.violations(in: Self.file(text)).count == 1) }

  @Test(arguments: [
    "try f()", "a != b", "!a && !f(!b)", "x as? Int", "// try! as! print(x)", "\"fatalError()\"", "self.print(1)",
    "blueprint(1)", "func print(_ a: Int)", "let TODOs = 1", "// a mastodont", "[!a]",
  ])
  func goodWordsPass(text: String) { #expect(BannedWords.violations(in: Self.file(text)).isEmpty) }

  @Test func wordsHoldWhereTheyBelong() {
    func count(_ text: String, _ path: String) -> Int { BannedWords.violations(in: Self.file(text, path)).count }
    #expect(count("print(1)", "Tests/A/B.swift") == 0 && count("print(1)", "Sources/gibbon/Console.swift") == 0)
    #expect(count("usleep(1)", "Tests/A/B.swift") == 1 && count("Task.sleep(1)", "Tests/A/B.swift") == 1)
    #expect(count("fatalError()", "Fuzz/Targets/A.swift") == 0)
    #expect(count("x(\"-Ounchecked\")", "Package.swift") == 1 && count(".unsafeFlags([])", "Package.swift") == 1)
  }

  // MARK: Wire text

  @Test(arguments: [
    #"x.lowercased()"#, #"x.split(separator: ",")"#, #"x.hasPrefix("a")"#, #"x.contains("a")"#, #"x == "a""#,
    #"if x != "a", y { }"#, #"x.firstIndex(of: ":")"#, #"x.starts(with: "W/")"#, "let c: Character",
    "x.first?.isNumber",
  ])
  func textTakenApartAsCharactersIsFound(text: String) {
    #expect(WireText.violations(in: Self.file(text, "Sources/GibbonPlugins/X.swift")).count == 1)
    #expect(WireText.violations(in: Self.file(text, "Sources/GibbonAdmin/X.swift")).isEmpty)
  }

  @Test(arguments: [
    #"x.utf8.split(separator: UInt8(ascii: ","))"#, #"x.isSame(as: "a")"#, #"list.contains("abc".utf8)"#,
    "x.contains(y)",
    #"x.starts(with: "W/".utf8)"#, #"let x = "a == b""#, "x == y", "// x.lowercased()", #"a["x"]"#,
  ])
  func bytesPass(text: String) {
    #expect(WireText.violations(in: Self.file(text, "Sources/GibbonEngine/X.swift")).isEmpty)
  }

  @Test func anExemptionThatIsNotNeededIsFound() {
    let path = WireText.exempt.keys.sorted()[0]
    #expect(WireText.needlessExemptions([Self.file("x.lowercased()", path)]).count == WireText.exempt.count - 1)
    #expect(WireText.needlessExemptions([Self.file("x.isSame(as: y)", path)]).count == WireText.exempt.count)
  }

  // MARK: Headers and proofs

  @Test func theLicenceComesFirst() {
    let header = HeaderRules.header.joined(separator: "\n")
    #expect(HeaderRules.violations(in: Self.file(header + "\n\nlet a = 1\n")).isEmpty)
    #expect(HeaderRules.violations(in: Self.file("// swift-tools-version: 6.2\n" + header + "\n")).isEmpty)
    #expect(Self.lines(HeaderRules.violations(in: Self.file("import A\n"))) == [1])
    #expect(HeaderRules.violations(in: Self.file("\n" + header)).count == 1)
    #expect(HeaderRules.violations(in: Self.file("")).count == 1)
  }

  @Test func escapesNeedTheirProof() {
    let escape = "final class A: @unchecked Sendable {}\n"
    func count(_ text: String) -> Int { HeaderRules.unprovenEscapes(in: Self.file(text)).count }
    #expect(count(escape) == 1 && count("nonisolated(unsafe) let a = b\n") == 1)
    #expect(count("/// Text.\n///\n/// Safety: one owner.\n" + escape) == 0)
    #expect(count("// Safety: a\n" + String(repeating: "// more\n", count: 20) + escape) == 0)
    #expect(count("// Safety: of another\n" + String(repeating: "let a = 1\n", count: 8) + escape) == 1)
    #expect(count("let text = \"Safety:\"\n" + escape) == 1)
  }

  // MARK: Layout

  @Test func modulesWithoutTestsAreFound() {
    let source = Self.file("let a = 1", "Sources/GibbonNew/A.swift")
    let test = Self.file("@Test func a() {}", "Tests/GibbonNewTests/A.swift")
    let empty = Self.file("let a = 1", "Tests/GibbonNewTests/A.swift")
    #expect(LayoutRules.untestedModules([source, test]).isEmpty)
    #expect(LayoutRules.untestedModules([source, empty]).count == 1)
    #expect(LayoutRules.untestedModules([source]).count == 1)
  }

  @Test func brokenLinksAreFound() {
    let paths: Set<String> = ["docs", "docs/a.md", "README.md", "Sources/A"]
    let text = """
      [a](a.md) [top](../README.md#part) [here](#here) [web](https://example.test/x) [root](/Sources/A)
      [gone](b.md) [out](../../x.md)
      ```
      [code](nowhere.md)
      ```
      [titled](a.md "title") [folder](../Sources/A/) [gone](../Sources/B)
      """
    let violations = LayoutRules.brokenLinks(in: Self.file(text, "docs/page.md"), paths: paths)
    #expect(Self.lines(violations) == [2, 2, 6])
  }
}
