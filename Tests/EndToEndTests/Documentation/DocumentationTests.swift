// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Examples on pages run as they are printed, against the real binary.
@Suite struct DocumentationTests {
  /// Pages whose examples are complete: each page begins in an empty folder, with no gateway.
  static let pages = ["vaults.md", "coming-from-kong.md", "install.md", "troubleshooting.md", "logging.md"]

  private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../docs").standardizedFileURL

  @Test(arguments: Self.pages) func examplesRunAsPrinted(page: String) throws {
    let text = try String(contentsOf: Self.docs.appendingPathComponent(page), encoding: .utf8)
    let reader = try PageReader()
    defer { reader.stop() }
    for example in PageExample.all(in: text) {
      switch example {
      case .file(let text): try reader.folder.write(reader.moved(text), to: "kong.yml")
      case .command(let command, let output):
        let (code, printed) = try reader.run(command)
        let expected = output.map(reader.moved)
        let fails = expected.contains { $0.hasPrefix("Error:") }
        #expect((code != 0) == fails, "\(page): $ \(command)\nexit code \(code)\n\(printed)")
        let missing = ExampleOutput(printed).missing(expected)
        #expect(missing == nil, "\(page): $ \(command)\nmissing: \(missing ?? "")\n\(printed)")
      }
    }
  }

  @Test func examplesAreTakenOut() {
    let page = """
      text
      ```console
      $ one \\
          two
      out
      $ three
      ```
      <!-- run: four -->
      ```yaml
      _format_version: "3.0"
      ```
      ```sh
      not run
      ```
      """
    #expect(
      PageExample.all(in: page) == [
        .command("one \\\n    two", output: ["out"]), .command("three", output: []), .command("four", output: []),
        .file("_format_version: \"3.0\"\n"),
      ])
  }

  @Test func outputsAreCompared() {
    let printed = ExampleOutput("pid 12 in /tmp/a/b\nlast\n")
    #expect(printed.missing(["pid 7 in /tmp/x", "la…"]) == nil)
    #expect(printed.missing(["last", "pid 7 in /tmp/x"]) == "pid 7 in /tmp/x")
    #expect(printed.missing(["p"]) == "p")
  }
}

/// Somebody who does what a page says, on ports and in a folder of their own.
private final class PageReader {
  let folder: TemporaryFolder
  private let ports: [FreePort]
  private let binary: URL

  init() throws {
    self.folder = try TemporaryFolder()
    self.ports = try (0..<4).map { _ in try FreePort() }
    self.binary = try GatewayBinary.locate()
  }

  /// With the ports of this reader in place of the usual ones.
  func moved(_ text: String) -> String {
    zip([8000, 8001, 8007, 9000], self.ports).reduce(text) { text, pair in
      text.replacingOccurrences(of: ":\(pair.0)", with: ":\(pair.1.number)")
    }
  }

  func run(_ command: String) throws -> (code: ChildProcess.ExitCode, output: String) {
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("GIBBON_") && !$0.key.hasPrefix("KONG_")
    }
    let path = self.binary.deletingLastPathComponent().path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment.merge([
      "PATH": path, "GIBBON_PREFIX": self.folder.url.path,
      "GIBBON_PROXY_LISTEN": "127.0.0.1:\(self.ports[0].number)",
      "GIBBON_ADMIN_LISTEN": "127.0.0.1:\(self.ports[1].number)",
      "GIBBON_STATUS_LISTEN": "127.0.0.1:\(self.ports[2].number)", "GIBBON_ADMIN_GUI_LISTEN": "off",
    ]) { _, new in new }
    let process = try ChildProcess(
      executable: URL(fileURLWithPath: "/bin/bash"),
      arguments: ["-c", "cd '\(self.folder.url.path)' && " + self.moved(command)], environment: environment,
      folder: self.folder.url, name: "example-\(UUID().uuidString.prefix(8))")
    let code = try process.wait(seconds: 60)
    return (code, process.output + process.errorOutput)
  }

  func stop() { _ = try? self.run("gibbon stop") }
}
